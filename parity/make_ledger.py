#!/usr/bin/env python3
"""Writes the table of parity/LEDGER.md from `fusion verify parity/goldens/... --json`.

    python3 parity/make_ledger.py build/release/fusion
"""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
BEGIN, END = "<!-- table: parity/make_ledger.py -->\n", "<!-- end of table -->\n"
KINDS = ("case.json", "conversation.json", "preproc.json", "prompts.json", "golden.json")
GROUPS = {  # column -> prefixes of its stages
    "gradients": ("grad.", "grad_norm."),
    "AdamW": ("adamw1.", "adamw3."),
    "generation": ("gen.", "round.", "cli."),
}


def group_of(stage):
    for group, prefixes in GROUPS.items():
        if stage.startswith(prefixes):
            return group
    return "forward, losses"


def row(report):
    worst = dict.fromkeys(("forward, losses", *GROUPS), None)
    for check in report["checks"]:
        group = group_of(check["stage"])
        worst[group] = max(worst[group] or 0.0, check["error"])
    cells = ["" if value is None else "equal" if value == 0 else f"{value:.1e}" for value in worst.values()]
    verdict = "holds" if report["holds"] else "FAILS"
    return f"| {report['case']} | {len(report['checks'])} | " + " | ".join(cells) + f" | {verdict} |\n"


def main():
    program = sys.argv[1]
    folders = sorted({str(p.parent) for kind in KINDS for p in (HERE / "goldens").rglob(kind)})
    reports = json.loads(subprocess.run([program, "verify", "--json", *folders], stdout=subprocess.PIPE).stdout)
    table = "| case | checks | " + " | ".join(("forward, losses", *GROUPS)) + " | verdict |\n"
    table += "|---|---|" + "---|" * (len(GROUPS) + 2) + "\n" + "".join(map(row, reports))
    ledger = HERE / "LEDGER.md"
    text = ledger.read_text()
    head, rest = text.split(BEGIN)
    ledger.write_text(head + BEGIN + table + END + rest.split(END)[1])


main()
