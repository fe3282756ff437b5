"""Reports of what happened, as data, text and a page, and hints that add what AWS's own messages leave out."""
