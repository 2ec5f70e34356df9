"""An order in YAML, checked, as a ``Directive``, and as sentences that a manager signs off.

``load.py`` is the way in, ``waivers.py`` reads the file beside it, ``words.py`` says both in plain sentences.
"""
