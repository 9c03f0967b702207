"""The facts' version: a number that rises with every commit that touched a watched table, whoever wrote it.

Whatever an answer depends on besides the ledger (names, divisions, programme, rules) is in a watched table; an ETag
holds the version instead of looking at them all.
"""
