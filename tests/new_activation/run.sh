#!/usr/bin/env bash
# "A new activation is one file and one line": in a copy of the tree, writes the file and the line, builds, and looks for the activation everywhere.
# Only the scalar target is compiled, which has the bits of all, and with little optimisation: the question is whether everything follows.
# Usage: run.sh SOURCE_DIR WORK_DIR CMAKE GENERATOR COMPILER
set -euo pipefail
source=$1 work=$2 cmake=$3 generator=$4 compiler=$5
name=quadratic_exponential type=QuadraticExponential

rm -rf "$work"
mkdir -p "$work/source"
cd "$work"
cp -R "$source"/{CMakeLists.txt,cmake,rectify,bench,cli,tests} source

# The file and the line, and a test that uses both from C++.
cp "$source/tests/new_activation/$name.h" source/rectify/activation/functions/
echo "RECTIFY_ACTIVATION(exponential, $name, $type)" >> source/rectify/activation/catalogue.inc
cp "$source/tests/new_activation/usage.cpp" source/tests/autograd/new_activation_test.cpp

"$cmake" -S source -B build -G "$generator" -D CMAKE_CXX_COMPILER="$compiler" -D CMAKE_BUILD_TYPE=Release -D CMAKE_CXX_FLAGS_RELEASE="-O1 -DNDEBUG" \
  -D RECTIFY_SCALAR_ONLY=ON > configure.log || { cat configure.log; exit 1; }
"$cmake" --build build --parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-1}" --target rectify_program activation_tests autograd_tests > build.log || { tail -n 60 build.log; exit 1; }
PATH=$work/build/bin:$PATH

# expect TEXT FILE: the file has the text.
expect() { grep -qF -- "$1" "$2" || { echo "'$1' is not in $2:"; cat "$2"; exit 1; } }

rectify activations > list.txt
expect "$name" list.txt
rectify activations "$name" > card.txt
expect "where(x < 0, exp(x), 1 + x + x^2/2)" card.txt
rectify activations "$name" --json > card.json
expect "\"name\":\"$name\"" card.json
rectify activations QuadExp > alias.txt
expect "$name" alias.txt

# The float32 numbers -1, 0 and 2 as an NPY file: a preamble of 10 bytes, a header of 118, the data.
printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }" > x.npy
printf '\x00\x00\x80\xbf\x00\x00\x00\x00\x00\x00\x00\x40' >> x.npy
numbers() { rectify evaluate "$name" --derivative "$1" --input x.npy --output y.npy > evaluate.log && tail -c 12 y.npy | od -An -t f4 | xargs; }
for expected in "0 0.36787945 1 5" "1 0.36787945 1 3" "2 0.36787945 1 1"; do
  got=$(numbers "${expected%% *}")
  [ "$got" = "${expected#* }" ] || { echo "derivative ${expected%% *} at -1, 0 and 2 is $got; expected ${expected#* }"; exit 1; }
done

rectify train --data "moons(n=200, validation=0.2)" --net "linear(8), $name, linear(2)" --epochs 3 --out run > train.log 2>&1 || { cat train.log; exit 1; }
expect "linear(8), $name, linear(2)" run/run.json
rectify test run --data "moons(n=50, seed=2)" > test.log 2>&1 || { cat test.log; exit 1; }

# The suites over the catalogue and the gradient check run over it, as many tests as run over the identity, and pass.
tests_of() { "$1" --gtest_list_tests --gtest_filter="$2" | grep -c '^  ' || true; }
check_suite() {  # program, filter with NAME for the activation
  local ours=${2//NAME/$name} known
  known=$(tests_of "$1" "${2//NAME/identity}")
  if [ "$known" -eq 0 ] || [ "$(tests_of "$1" "$ours")" -ne "$known" ]; then
    echo "$1 has $(tests_of "$1" "$ours") tests for $name and $known for identity"
    exit 1
  fi
  "$1" --gtest_filter="$ours" > tests.log 2>&1 || { cat tests.log; exit 1; }
  echo "$1: $known tests"
}
check_suite activation_tests 'Catalogue/*/NAME:Properties/EveryActivation.*/NAME'
check_suite autograd_tests 'Activations/*/NAME'
autograd_tests --gtest_filter='NewActivation.*' > tests.log 2>&1 || { cat tests.log; exit 1; }
expect "[  PASSED  ] 1 test." tests.log
echo "$name is everywhere"
