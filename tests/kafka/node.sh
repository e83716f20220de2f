#!/usr/bin/env bash
# Starts, stops or kills the node that kafka.sh laid out in ROADWORTHY_KAFKA_DIR: for tests that
# take the broker away and bring it back, on the same port and the same data.
#
#   tests/kafka/node.sh start    returns when it is ready
#   tests/kafka/node.sh stop     SIGTERM; SIGKILL when it hasn't ended in time
#   tests/kafka/node.sh kill     SIGKILL; returns when it is gone
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=${ROADWORTHY_KAFKA_DIR:?is set by tests/kafka.sh, which starts the tests}
pid_file=$dir/node.pid
log=$dir/node.log
start_seconds=60
stop_seconds=20

alive() { # a zombie, which nobody has waited for yet, is not alive
    [[ -s $pid_file ]] && [[ $(ps -o stat= -p "$(<"$pid_file")" 2>/dev/null) == [!Z]* ]]
}

gone_within() {
    for ((tick = 0; tick < $1 * 10; tick++)); do
        alive || return 0
        sleep 0.1
    done
    return 1
}

start() {
    alive && return 0
    : >"$log"
    java -Xms256m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true \
        -Dlog4j2.configurationFile="$here/log4j2.properties" \
        -cp "$(<"$dir/classpath")" kafka.Kafka "$dir/server.properties" \
        </dev/null >"$log" 2>&1 &
    echo $! >"$pid_file"
    for ((tick = 0; tick < start_seconds * 10; tick++)); do
        grep -q 'Kafka Server started' "$log" && return 0
        alive || break
        ((tick % 50 != 49)) || echo "kafka: still starting, $(((tick + 1) / 10)) s ..." >&2
        sleep 0.1
    done
    echo "kafka: did not start; the end of its log:" >&2
    tail -n 20 "$log" >&2
    stop
    return 1
}

stop() {
    alive || return 0
    kill "$(<"$pid_file")"
    gone_within "$stop_seconds" || kill_at_once
}

kill_at_once() {
    alive || return 0
    kill -9 "$(<"$pid_file")"
    gone_within "$stop_seconds"
}

case ${1:-} in
    start) start ;;
    stop) stop ;;
    kill) kill_at_once ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2 && exit 2 ;;
esac
