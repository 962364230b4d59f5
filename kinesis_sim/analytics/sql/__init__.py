"""SQL text to trees, and trees to closures.

``grammar`` reads both languages (sqlglot, with what it lacks), ``reading`` is the way in,
``names``, ``expressions`` and their neighbours compile what stands in a SELECT into functions of a
row. What a tree may hold is listed, never assumed: anything else is a NotSupportedInSql.
"""
