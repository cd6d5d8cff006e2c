"""Markdown, HTML and PDF say what the dossier says: the same numbers, nothing of their own, the same bytes each time."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import matplotlib as mpl
import msgspec
import pytest
from markdown_it import MarkdownIt
from pypdf import PdfReader
from unit.dossier.handmade import case, exact, exposures, incident, read, report

from streamguard.dossier import Controller, Figure, Law, Moment, Name, make
from streamguard.dossier.draw import draw
from streamguard.dossier.html import as_html
from streamguard.dossier.markdown import as_markdown
from streamguard.dossier.pdf import as_pdf
from streamguard.dossier.written import links, written

ROOT = Path(__file__).parents[3]
HOSTILE = '<script>alert("1")</script> `x` #let *y* | [z](javascript:1) ${q} \\ \u202eend'


@pytest.fixture(scope="module")
def dossier():
    return make(case(exact=exact()), exposures())


@pytest.fixture(scope="module")
def pictures(dossier):
    return draw(dossier)


@pytest.fixture(scope="module")
def pdf(dossier, pictures):
    return PdfReader(io.BytesIO(as_pdf(dossier, pictures)))


@pytest.fixture(scope="module")
def hostile():
    """A dossier in which everything that comes from outside tries to be markup."""
    told = report()
    evil = [
        msgspec.structs.replace(
            scope,
            evidence=tuple(msgspec.structs.replace(one, statement=HOSTILE, why=HOSTILE) for one in scope.evidence),
        )
        for scope in told.categories
    ]
    changes = [msgspec.structs.replace(change, author=HOSTILE, detail=HOSTILE) for change in incident().history]
    return make(
        case(
            incident=msgspec.structs.replace(incident(), history=tuple(changes), assignee=HOSTILE, uid=HOSTILE),
            report=msgspec.structs.replace(told, categories=tuple(evil)),
            controller=Controller(name=HOSTILE),
        ),
        [*exposures()[:-1], read("ben", 30, 19.5, 2_000, application=HOSTILE, tables=(HOSTILE,))],
    )


class Page(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.numbers, self.targets, self.ids, self.sources = Counter(), [], [], set(), []
        self._in_number = False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags[tag] += 1
        self._in_number = given.get("class") == "n"
        if "id" in given:
            self.ids.add(given["id"])
        if "href" in given:
            self.targets.append(given["href"])
        if "src" in given:
            self.sources.append(given["src"])
        assert not [name for name in given if name.startswith("on")]

    def handle_data(self, data):
        if self._in_number:
            self.numbers.append(data)
            self._in_number = False


def numbers(dossier):
    """Return figures and moments as words, in the order of reading; without those of texts that no eye sees."""
    return [written(piece, dossier.time_zone) for piece in dossier.pieces() if isinstance(piece, Figure | Moment)]


def test_markdown_has_every_number_with_its_links_in_order(dossier):
    text, place = as_markdown(dossier), 0
    for piece in dossier.pieces():
        if isinstance(piece, Figure | Moment):
            found = ", ".join(f"[{link.text}](#{link.anchor.lower()})" for link in links(piece.evidence))
            said = written(piece, dossier.time_zone) + (f"<sup>{found}</sup>" if found else "")
            place = text.index(said, place) + len(said)


def test_markdown_has_no_number_besides(dossier):
    text = as_markdown(dossier)
    text = re.sub(r"<sup>.*?</sup>|<a id=.*?</a>|\*\*[A-Z]\d+\*\*|^#+ .*$", "", text, flags=re.MULTILINE)
    told = {written(piece, dossier.time_zone) for piece in dossier.pieces() if not isinstance(piece, str)}
    told |= {
        re.sub(r"([\\`*_\[\]<>#|~!])", r"\\\1", piece.text)
        for piece in dossier.pieces()
        if isinstance(piece, Name | Law)
    }
    for said in sorted(told, key=len, reverse=True):
        text = text.replace(said, "")
    assert not re.findall(r".*\d.*", text)


def test_every_link_of_the_page_leads_somewhere(dossier, pictures):
    page = Page(as_html(dossier, pictures))
    assert {target.removeprefix("#") for target in page.targets} <= page.ids


def test_the_page_has_every_number_in_order_and_no_other(dossier, pictures):
    assert Page(as_html(dossier, pictures)).numbers == numbers(dossier)


def test_the_page_needs_nothing_beside_it(dossier, pictures):
    text = as_html(dossier, pictures)
    page = Page(text)
    assert len(page.sources) == 2
    assert all(source.startswith("data:image/svg+xml;base64,") for source in page.sources)
    assert not {"script", "link", "iframe", "object"} & page.tags.keys()
    assert not re.search(r"url\(|@import|https?://", text)


def test_the_pdf_has_every_number(dossier, pdf):
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in pdf.pages))
    for said, times in Counter(re.sub(r"\s", "", one) for one in numbers(dossier)).items():
        assert text.count(said) >= times, said


def test_the_pdf_says_what_it_is_and_for_when(pdf):
    assert pdf.metadata.title == "Incident dossier: inc-7f3a"
    assert pdf.metadata.creation_date.isoformat() == "2026-02-06T16:00:00+00:00"
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert b"pdfaid" in root["/Metadata"].get_data()


def test_what_comes_from_outside_is_never_markup(hostile):
    pictures = draw(hostile)
    page = Page(as_html(hostile, pictures))
    assert "script" not in page.tags
    assert all(target.startswith("#") for target in page.targets)
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(as_markdown(hostile))
    inline = [child for token in tokens for child in token.children or ()]
    hrefs = {str(child.attrGet("href")) for child in inline if child.type == "link_open"}
    assert all(href.startswith("#") for href in hrefs)
    tags = {child.content for child in inline if child.type == "html_inline"}
    assert all(re.fullmatch(r'</?sup>|<a id="[a-z]+\d*">|</a>', tag) for tag in tags)
    assert {child.content for child in inline if child.type == "code_inline"} >= {HOSTILE.replace("\u202e", "?")}
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(as_pdf(hostile, pictures))).pages)
    assert "#let *y* | [z](javascript:1) ${q}" in re.sub(r"\s+", " ", text)


def test_a_letter_that_no_font_has_is_written_as_its_number(tmp_path):
    told = make(
        case(controller=Controller(name="\u738b Ltd", officer="\u0395\u03bb\u03ad\u03bd\u03b7 Z\u00fc\u0161")),
        exposures(),
    )
    pictures = draw(told)
    assert "\u738b Ltd" in as_html(told, pictures)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(as_pdf(told, pictures))).pages)
    assert "[U+738B] Ltd" in text
    assert "\u0395\u03bb\u03ad\u03bd\u03b7 Z\u00fc\u0161" in text
    font = Path(mpl.get_data_path()) / "fonts" / "ttf" / "LastResortHE-Regular.ttf"
    (tmp_path / font.name).write_bytes(font.read_bytes())
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(as_pdf(told, pictures, tmp_path))).pages)
    assert "\u738b Ltd" in text


def test_the_same_case_gives_the_same_bytes_in_every_process(dossier, pictures):
    code = (
        "import hashlib, sys; sys.path[:0] = ['.', 'tests']\n"
        "from unit.dossier import test_dossier_renderings as own\n"
        "print(own.digest(own.make(own.case(exact=own.exact()), own.exposures())))"
    )
    there = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert there.stdout.strip() == digest(dossier)


def digest(dossier):
    """Return a hash of everything that is written of a dossier."""
    drawn = draw(dossier)
    told = [as_markdown(dossier).encode(), as_html(dossier, drawn).encode(), as_pdf(dossier, drawn)]
    told += [*drawn.values(), *draw(dossier, "png").values()]
    return hashlib.sha256(b"".join(told)).hexdigest()
