"""Papers that leave the house: one value becomes a PDF, or a DOCX on the municipality's own template."""
