# SPDX-License-Identifier: GPL-2.0-or-later
ktap-run script.ktapb -- sh -c '
  sleep 1
  for task in /proc/[0-9]*; do
    case $(cat $task/comm) in
    ktap/*) set -- $(cat $task/stat); [ $((${14} + ${15})) -lt 20 ] && echo "idle" || echo "spins" ;;
    esac
  done'
echo "status $?"
