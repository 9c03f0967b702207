"""Spreadsheets as people keep them: reading, headers, cell values, and the annotated copy that goes back.

The kit knows nothing of what the rows mean; importers give it their columns and their findings.
"""
