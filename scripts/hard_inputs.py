#!/usr/bin/env python3
"""Writes tests/activation/hard_inputs.txt: the float32 inputs whose results came closest to ties in recorded runs of `rectify verify`.

Usage: rectify verify all --samples 4194304 --hardest 8 --out FILE.jsonl     (or --exhaustive)
       scripts/hard_inputs.py FILE.jsonl... > tests/activation/hard_inputs.txt
"""
import json
import sys

kept = 8  # of each activation and derivative


def main(files):
    hardest = {}
    for file in files:
        with open(file) as lines:
            for result in map(json.loads, lines):
                if result["dtype"] == "float32":
                    place = hardest.setdefault((result["activation"].split("(")[0], result["derivative"]), {})
                    place.update({h["hex"]: h["distance"] for h in result["hardest"]})
    print("# Inputs of float32 whose results are all but ties: activation, derivative, input, distance from the tie relative to the result.")
    print("# Written by scripts/hard_inputs.py, which says how.")
    for (activation, derivative), inputs in hardest.items():
        for x, distance in sorted(inputs.items(), key=lambda item: (item[1], item[0]))[:kept]:
            print(activation, derivative, x, f"{distance:.3g}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
