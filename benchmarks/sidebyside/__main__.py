"""Throughput of ours against peers, side by side: see benchmarks/README.md."""

import argparse
import shlex
import sys
from pathlib import Path

import builds
from cases import CASES, LLAMA_CPP, QUICK, chosen
from measure import compare
from report import Report

ROUNDS = 3


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--quick", action="store_true", help="162 million weights against llama.cpp, in less than 10 minutes"
    )
    what.add_argument("--case", nargs="+", metavar="NAME", help="cases of these names, which may hold *")
    what.add_argument("--all", action="store_true", help="every case: many hours")
    what.add_argument("--list", action="store_true", help="name the cases and their peers")
    parser.add_argument("--peer", nargs="+", metavar="NAME", help="only against these of the cases' peers")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"of each case and peer; {ROUNDS} if not said")
    parser.add_argument("--reports", type=Path, default=builds.BENCHMARKS / "reports", help="folder of the reports")
    arguments = parser.parse_args()
    if arguments.list:
        for case in CASES.values():
            print(f"{case.name}: {', '.join(case.peers)}")
        return 0
    try:
        cases = QUICK if arguments.quick else list(CASES.values()) if arguments.all else chosen(arguments.case)
    except ValueError as unknown:
        parser.error(str(unknown))
    wanted = arguments.peer or ([LLAMA_CPP] if arguments.quick else None)
    try:
        builds.limits()
    except builds.Missing as missing:
        parser.exit(1, f"{missing}\n")
    report = Report(arguments.reports, shlex.join(["bin/bench", *sys.argv[1:]]), arguments.rounds)
    failed = False
    for case in cases:
        peers = [peer for peer in case.peers if wanted is None or peer in wanted]
        comparisons = compare(case, peers, arguments.rounds)
        report.add(comparisons)
        failed |= any(comparison.failure for comparison in comparisons)
    print(report.markdown.read_text())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
