#!/bin/sh
# Takes the digits data (UCI "Optical Recognition of Handwritten Digits" test set, CC BY 4.0) out of the
# scikit-learn wheel. Needed only to make digits.csv.gz anew; the file itself is committed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sum=09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$folder" scikit-learn==1.9.1
unzip -p "$folder"/scikit_learn-*.whl sklearn/datasets/data/digits.csv.gz > "$folder/digits.csv.gz"
echo "$sum  $folder/digits.csv.gz" | sha256sum --check --quiet
cp "$folder/digits.csv.gz" "$here/digits.csv.gz"
