#!/bin/sh
# has.sh HYBRID-OPT TEXT FILE: exits with 1, "interesting", when FILE is well formed and TEXT stands in it.
"$1" "$3" 2>/dev/null | grep -q -- "$2" && exit 1
exit 0
