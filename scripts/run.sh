#!/usr/bin/env bash
# Serves examples/quickstart.yaml, with a second Sarai as a stand-in for the server on the LAN, until Ctrl-C.
#
# SARAI_PORT and SARAI_LAN_PORT move the two away from 11435 and 11436.

source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

SARAI=.build/release/sarai
PORT=${SARAI_PORT:-11435}
LAN_PORT=${SARAI_LAN_PORT:-11436}
LAN_LOG=$DATA/lan-server.log
LAN_COMMAND="$SARAI serve --config examples/lan-server.yaml --listen 127.0.0.1:$LAN_PORT"

export OLLAMA_BASE_URL=http://127.0.0.1:$LAN_PORT # where quickstart.yaml looks for the LAN server
# Both daemons' workers share this machine's cores, which two machines would not: they must not spin while they wait.
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-1000}

main() {
    cd -- "$REPOSITORY"
    [[ -x $SARAI ]] || die "$REPOSITORY/$SARAI is missing. Run 'make run', which builds it first."
    require_free "$PORT" SARAI_PORT
    require_free "$LAN_PORT" SARAI_LAN_PORT
    mkdir -p -- "$DATA"
    trap 'exit 0' INT TERM
    trap end_all EXIT
    # Should this script be killed outright, the kernel ends what it started.
    # shellcheck disable=SC2086 # the command is also shown as text
    setpriv --pdeathsig TERM -- $LAN_COMMAND >"$LAN_LOG" 2>&1 &
    lan=$!
    wait_for_lan
    setpriv --pdeathsig TERM -- "$SARAI" serve --config examples/quickstart.yaml --listen "127.0.0.1:$PORT" &
    daemon=$!
    announce &
    announcer=$!
    wait "$daemon"
}

end_all() {
    trap '' INT TERM # the first Ctrl-C is enough
    # shellcheck disable=SC2086 # those that were started
    kill ${daemon:-} ${lan:-} ${announcer:-} 2>/dev/null || true
    wait
}

# require_free PORT VARIABLE
require_free() {
    ! (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null ||
        die "port $1 of 127.0.0.1 is in use, perhaps by a Sarai that is already running." \
            "Stop that program, or choose another port: make run $2=…"
}

wait_for_lan() {
    until answers "$LAN_PORT" /health; do
        kill -0 "$lan" 2>/dev/null || {
            tail -n 10 "$LAN_LOG" | sed 's/^/    /' >&2
            die "the stand-in LAN server did not start. Its log is $LAN_LOG."
        }
        sleep 0.05
    done
}

# answers PORT PATH: whether a GET gets status 200. Not every machine has curl.
answers() {
    local status=''
    # The outer braces: bash reports a refused connection after it has undone the redirections of the inner ones.
    {
        {
            printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$2" >&3
            read -r -t 2 _ status _ <&3
        } 3<>"/dev/tcp/127.0.0.1/$1"
    } 2>/dev/null || true
    [[ $status == 200 ]]
}

# What to try, once the daemon can answer.
announce() {
    until answers "$PORT" /ready; do
        kill -0 "$daemon" 2>/dev/null || return 0
        sleep 0.05
    done
    cat <<TEXT

Sarai serves solar, lfm2, omni, embedding and whisper on http://127.0.0.1:$PORT. In another terminal, in $REPOSITORY:

    export SARAI_CONFIG=$REPOSITORY/examples/quickstart.yaml    # for $SARAI doctor, plan and models
    $SARAI ps
    $SARAI run solar "Why is the sky blue?"
    curl http://127.0.0.1:$PORT/api/chat --json '{"model": "lfm2", "messages": [{"role": "user", "content": "Hello"}]}'
    OLLAMA_HOST=127.0.0.1:$PORT ollama run solar        # any client of Ollama or OpenAI (/v1) works

solar is answered by a stand-in for a server on your network (process $lan). Take it away, and the copy on this
machine answers; bring it back, and it answers again:

    kill -9 $lan        # as if it lost its power; after a plain kill it ends its answers first
    $SARAI run solar "Why is the sky blue?"
    $LAN_COMMAND

Ctrl-C ends both.

TEXT
}

main
