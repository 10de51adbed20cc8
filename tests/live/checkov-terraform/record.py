"""usage: record.py PROJECT CORPUS: writes every example in HCL to a directory of its own, runs Checkov over them, prints
its verdicts, one line a resource: digest of the example, address, checks passed, checks failed."""
import collections
import glob
import hashlib
import json
import os
import re
import subprocess
import sys

import yaml

project, corpus = sys.argv[1:]
os.makedirs(corpus)
aliases = set()
for path in sorted(glob.glob(f"{project}/rules/*/*.yaml")):
    if os.path.basename(os.path.dirname(path)) in ("views", "data", "profiles", "frameworks"):
        continue
    with open(path, encoding="utf-8") as file:
        rule = yaml.safe_load(file)
    for alias in rule.get("aliases") or []:
        name = alias if isinstance(alias, str) else alias["id"]
        if name.startswith("checkov/CKV"):
            aliases.add(name.removeprefix("checkov/"))
    for examples in (rule.get("examples") or {}).values():
        for text in examples:
            # One that is several files needs its modules beside it, which Checkov is not asked about.
            if not re.search(r"^resource ", text, re.M) or "# file: " in text:
                continue
            directory = f"{corpus}/{hashlib.sha256(text.encode()).hexdigest()[:12]}"
            os.makedirs(directory, exist_ok=True)
            with open(f"{directory}/main.tf", "w", encoding="utf-8") as file:
                file.write(text)

program = os.path.join(os.path.dirname(sys.executable), "checkov")
ran = subprocess.run([program, "-d", corpus, "--framework", "terraform", "-o", "json", "--compact", "--skip-download"],
                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
report = json.loads(ran.stdout)
version = subprocess.run([program, "--version"], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
verdicts = collections.defaultdict(lambda: {"passed": set(), "failed": set()})
for part in report if isinstance(report, list) else [report]:
    for verdict in ("passed", "failed"):
        for check in part["results"][f"{verdict}_checks"]:
            if check["check_id"] in aliases:
                example = check["file_path"].strip("/").split("/")[0]
                verdicts[example, check["resource"]][verdict].add(check["check_id"])
print(f"# checkov {version}: digest of the example, address, passed, failed")
for (example, address), found in sorted(verdicts.items()):
    print(example, address, ",".join(sorted(found["passed"])), ",".join(sorted(found["failed"])), sep="\t")
