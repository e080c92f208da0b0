#!/usr/bin/env bash
# Fails if a layer includes one below it, if Highway is known outside rectify/kernel, or if a transcendental of the C library could reach a weight.
# Usage: layers.sh SOURCE_DIR
set -euo pipefail
cd "$1"

layers=(base activation kernel verify tensor autograd nn data format theory train observe diagnose adversarial distributed report)
declare -A place
for i in "${!layers[@]}"; do place[${layers[$i]}]=$i; done

failures=0
fail() {
  echo "$1" >&2
  failures=$((failures + 1))
}

for folder in rectify/*/; do
  layer=$(basename "$folder")
  [[ -n ${place[$layer]:-} ]] || fail "rectify/$layer is not a layer of the house: ${layers[*]}"
done

# file:included layer, for every include of one of our headers
while IFS=: read -r file included; do
  own=$(cut -d/ -f2 <<<"$file")
  [[ -f rectify/$included ]] && continue  # rectify/rectify.h
  if [[ -z ${place[$included]:-} ]]; then
    fail "$file includes rectify/$included, which is not a layer"
  elif ((place[$included] > place[$own])); then
    fail "$file includes rectify/$included, a layer below its own"
  fi
done < <(grep -rnoE '#include "rectify/[a-z_.]+' rectify/*/ | sed -E 's|^([^:]*):[0-9]+:#include "rectify/|\1:|' | sort -u)

while read -r file; do
  fail "$file includes Highway; only rectify/kernel knows it"
done < <(grep -rlE '#include [<"]hwy/' rectify | grep -v '^rectify/kernel/' || true)

# Pictures may be drawn with the C library; nothing that computes may.
while read -r line; do
  fail "$line: a transcendental of the C library; use rectify/activation/elementary.h"
done < <(grep -rnE 'std::(exp|exp2|expm1|log|log2|log10|log1p|sin|cos|tan|tanh|sinh|cosh|pow|erf|erfc|cbrt|atan|hypot)\(' \
  --include='*.cpp' --include='*.h' rectify/{base,activation,kernel,tensor,autograd,nn,data,train} || true)

((failures == 0)) || exit 1
echo "${#layers[@]} layers, no include runs the other way"
