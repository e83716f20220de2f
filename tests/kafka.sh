#!/usr/bin/env bash
# Runs a command beside a real Apache Kafka (one KRaft node on loopback, no image needed):
#
#   tests/kafka.sh pytest tests/integration    the command's exit status is this script's
#   tests/kafka.sh                             keeps Kafka running until Ctrl-C
#
# The command finds KAFKA_BOOTSTRAP_SERVERS, ROADWORTHY_TEST_INFRA=kafka, and, to take the broker
# away and bring it back, ROADWORTHY_KAFKA_NODE (kafka/node.sh: start, stop, kill),
# ROADWORTHY_KAFKA_PID_FILE and ROADWORTHY_KAFKA_DIR. Needs Java 17 and Maven, which brings Kafka
# from Maven Central once; without them it says so and succeeds.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
parts=$root/tests/kafka
pom=$parts/pom.xml
version=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$pom")

say() { echo "kafka: $*" >&2; }

skip() {
    echo "skipped: $* (the tests on Apache Kafka $version need Java 17 and Maven)"
    exit 0
}

java_major() { # "17.0.15" and "21" are what they say, "1.8.0" is 8
    java -version 2>&1 | sed -n 's/.*version "\(1\.\)\{0,1\}\([0-9]*\).*/\2/p'
}

check_tools() {
    command -v java >/dev/null || skip "no java on the PATH"
    local major
    major=$(java_major)
    ((${major:-0} >= 17)) || skip "java is version ${major:-unknown}"
    command -v mvn >/dev/null || skip "no mvn on the PATH"
}

jars_present() {
    local jars jar
    [[ -s $1 ]] || return 1
    IFS=: read -ra jars <"$1"
    for jar in "${jars[@]}"; do [[ -f $jar ]] || return 1; done
}

resolve() { # names the file that holds the class path, made anew when the pom changed
    local file words
    file=$root/.cache/kafka/classpath-$(cksum <"$pom" | cut -d' ' -f1)
    if ! jars_present "$file"; then
        say "resolving Apache Kafka $version with Maven (70 MB on the first run) ..."
        mkdir -p "${file%/*}"
        words=$(mvn -B -q -ntp -f "$pom" dependency:build-classpath \
            -Dmdep.outputFile="$file.$$" 2>&1) || { echo "$words" >&2 && return 1; }
        mv "$file.$$" "$file"
    fi
    echo "$file"
}

free_ports() { # below the range for outgoing connections, so that a restart finds its port free
    "${PYTHON:-python3}" - <<'PY'
import random, socket

held = []
while len(held) < 2:
    candidate = socket.socket()
    try:
        candidate.bind(("127.0.0.1", random.randrange(20_000, 32_000)))
    except OSError:
        continue
    held.append(candidate)
print(*(candidate.getsockname()[1] for candidate in held))
PY
}

lay_out() {
    local cluster
    cp "$classpath" "$dir/classpath"
    sed -e "s|@DIR@|$dir|" -e "s|@PORT@|$port|" -e "s|@CONTROLLER_PORT@|$controller_port|" \
        "$parts/server.properties" >"$dir/server.properties"
    cluster=$(head -c 16 /dev/urandom | base64 | tr '+/' 'xy' | cut -c 1-22)
    java -Xmx128m -XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile="$parts/log4j2.properties" \
        -cp "$(<"$dir/classpath")" kafka.tools.StorageTool \
        format --standalone --cluster-id "$cluster" --config "$dir/server.properties" \
        >"$dir/format.log" 2>&1 || { cat "$dir/format.log" >&2 && return 1; }
}

stay() {
    say "KAFKA_BOOTSTRAP_SERVERS=$KAFKA_BOOTSTRAP_SERVERS; Ctrl-C stops it"
    while kill -0 "$(<"$ROADWORTHY_KAFKA_PID_FILE")" 2>/dev/null; do
        sleep 1 &
        wait $! # a signal ends this wait at once, not after the second
    done
    say "ended; its last words:"
    tail -n 20 "$dir/node.log" >&2
    return 1
}

check_tools
classpath=$(resolve)
ports=$(free_ports)
read -r port controller_port <<<"$ports"
dir=$(mktemp -d "${TMPDIR:-/tmp}/roadworthy-kafka.XXXXXX")
export ROADWORTHY_TEST_INFRA=kafka
export KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:$port
export ROADWORTHY_KAFKA_DIR=$dir
export ROADWORTHY_KAFKA_PID_FILE=$dir/node.pid
export ROADWORTHY_KAFKA_NODE=$parts/node.sh

trap '"$ROADWORTHY_KAFKA_NODE" stop; rm -rf "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say "starting Apache Kafka $version on $KAFKA_BOOTSTRAP_SERVERS ..."
SECONDS=0
lay_out
"$ROADWORTHY_KAFKA_NODE" start
say "ready after $SECONDS s"
if (($#)); then "$@"; else stay; fi
