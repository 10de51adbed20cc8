"""validate.py SCHEMA DOCUMENT: prints every violation, and exits with 1 if there is one.

Debian's python3-jsonschema belongs to /usr/bin/python3. The last line gives the size of the document
compressed, which GitHub limits.
"""
import gzip
import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
with open(sys.argv[2], "rb") as file:
    raw = file.read()
validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
validator.check_schema(schema)
bad = 0
for error in validator.iter_errors(json.loads(raw)):
    bad += 1
    if bad <= 20:
        print("/".join(map(str, error.absolute_path)), error.message[:300])
print("gzip", len(gzip.compress(raw, 6)))
sys.exit(1 if bad else 0)
