"""Requests that are sent again: the same key and body get the same answer, and nothing happens twice."""
