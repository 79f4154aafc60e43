"""docs/attribution-spec.md, implemented a second time and from the document alone; each name says which section it follows.

Written to be read beside the document, not to be fast: attribution compares every window with every place.
"""
