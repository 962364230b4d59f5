"""Notebooks are built: one English source, one catalogue per language, executed, committed.

``source`` reads ``notebooks/source/NN_name.md``; ``messages`` finds what a translator translates;
``catalogue`` keeps the translations and says which are stale; ``exercise`` turns a solution into
what the learner gets; ``execute`` runs a notebook and cleans its outputs; ``build`` ties them
together.
"""
