"""The sections of a dossier, one file each: from the gathered material to sentences and tables."""
