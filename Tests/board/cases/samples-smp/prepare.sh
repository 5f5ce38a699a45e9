# SPDX-License-Identifier: GPL-2.0-or-later
# The case samples once more, with two CPUs.
set -e
. ../samples/prepare.sh
cp ../samples/run.sh "$OUT/all.sh"
