#!/bin/sh
# The lanyard command, version @VERSION@. The Lanyard extension writes this file and replaces it when it is updated.
#
# `headers`, `token` and `status` are one curl to the agent's socket; everything else is the Node helper's.
# Claude Code connects without a credential when its headersHelper fails, so for Claude Code every refusal is a header
# that no HTTP client can send, because its name holds spaces: then Claude Code refuses and shows the name.

# What a caller's shell exported is not for this one: `errexit` would end it before it can refuse, `xtrace` would show the
# credential, and a function could stand where a command is meant.
{ set +aefumvxC; } 2>/dev/null
case ${BASH_VERSION-} in
?*)
  POSIXLY_CORRECT=1
  set +k
  unset -f command date exec kill ls printf read sleep wait
  ;;
esac

# To mksh it is a program that the PATH has to have; without it every refusal would be empty.
command -v printf >/dev/null 2>&1 || printf() { /usr/bin/printf "$@"; }

home=${LANYARD_HOME:-@HOME@}
# Where they were when this was written; the caller's PATH is only looked at where they are no more.
node=@NODE@
curl=@CURL@
[ -x "$curl" ] || curl=$(command -v curl 2>/dev/null) || curl=
helper=@HOME@/lib/lanyard.cjs
# In a home that several machines share, each has a folder of its own.
run=$home/run
{ read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null && [ -d "$run-$boot" ] && run=$run-$boot
endpoint=$run/endpoint
command=${1-}
line_feed='
'

not_running='Lanyard is not running so there is nothing to send. Open this folder in VS Code and sign in with Lanyard'
not_in_time='Lanyard did not answer in time so there is nothing to send. Try again or reload the VS Code window'
not_understood='Lanyard gave an answer that makes no sense so there is nothing to send. Reload the VS Code window'
not_trusted='The endpoint file of Lanyard cannot be read or is not yours so there is nothing to send. Run lanyard doctor'
no_program='Lanyard needs curl or the editor that installed it and finds neither so there is nothing to send. Open VS Code once'

asker=person
case $command in
token | status | doctor | history | clients | bridge) ;;
*) [ -z "${CLAUDE_CODE_MCP_SERVER_NAME+set}" ] || asker=claude ;;
esac
json=false

# Beside the reason stands something that can be sent, under each name that a guard of an entry has: else Claude Code
# shows the guard's name and no reason. Nothing of it is sent.
refuse() {
  if [ "$asker" = claude ]; then
    dummies=',"Authorization":"nothing-to-send"'
    if [ -f "$home/guarded" ]; then
      while IFS= read -r name || [ -n "$name" ]; do
        case $name in
        '' | Authorization | *[!A-Za-z0-9_.-]*) ;;
        *) dummies="$dummies,\"$name\":\"nothing-to-send\"" ;;
        esac
      done <"$home/guarded"
    fi 2>/dev/null
    printf '{"%s":""%s}\n' "$1" "$dummies"
    exit 0
  fi
  if [ "$json" = true ]; then
    printf '{"exitCode":3,"kind":"notRunning","reason":"%s"}\n' "$1" >&2
  else
    printf 'lanyard: %s.\n' "$1" >&2
  fi
  exit 3
}

pause() (
  PATH=/usr/bin:/bin:${PATH-}
  exec sleep "$1"
) 2>/dev/null

# Runs a program, and ends it once so many milliseconds are over: it should have ended itself before. Without a `sleep`
# there is nothing to measure them with.
bounded() {
  fraction=00$(($1 % 1000))
  limit=$(($1 / 1000)).${fraction#"${fraction%???}"}
  whole=$(($1 / 1000))
  shift
  "$@" &
  child=$!
  (
    trap 'kill "$nap"; exit 0' TERM
    # Not by `pause`: a shell between would be ended in the place of the `sleep`, which then holds mksh's output open.
    PATH=/usr/bin:/bin:${PATH-}
    (exec sleep "$limit") &
    nap=$!
    wait "$nap" || {
      (exec sleep "$whole") &
      nap=$!
      wait "$nap" || exit 0
    }
    kill -9 "$child"
  ) >/dev/null 2>&1 &
  guard=$!
  { wait "$child"; } 2>/dev/null
  code=$?
  { kill "$guard"; } 2>/dev/null
  return "$code"
}

# A program that goes with its editor, as an AppImage's does, is remembered longer than it is there. Where everybody may
# make folders, what stands in its place then is somebody's.
is_safe() {
  for place in /tmp /private/tmp /var/tmp /dev/shm; do
    case $1 in "$place"/*) ;; *) continue ;; esac
    top=${1#"$place"/}
    top=$place/${top%%/*}
    [ ! -h "$top" ] || return 1
    [ ! -O "$top" ] || return 0
    # shellcheck disable=SC2046
    set -- $(PATH=/usr/bin:/bin:${PATH-} && exec ls -ldn "$top" 2>/dev/null)
    [ "${3-}" = 0 ]
    return
  done
}

# The editor's own binary is Node when it is told so. NODE_OPTIONS are the script's, not the helper's. What the tries
# before have used up of the time is not for Node to use again.
run_node() {
  LANYARD_HOME=$home
  LANYARD_NODE_OPTIONS=${NODE_OPTIONS-}
  ELECTRON_RUN_AS_NODE=1
  LANYARD_CALLER_PID=$PPID
  export LANYARD_HOME LANYARD_NODE_OPTIONS ELECTRON_RUN_AS_NODE LANYARD_CALLER_PID
  unset NODE_OPTIONS
  if [ -n "$end_ms" ] && uptime_ms; then left_ms=$((end_ms - now_ms)); fi
  LANYARD_DEADLINE_SECONDS=$(((left_ms + 500) / 1000))
  [ "$LANYARD_DEADLINE_SECONDS" -ge 1 ] || LANYARD_DEADLINE_SECONDS=1
  export LANYARD_DEADLINE_SECONDS
  why=$no_program
  for program in "$node" "$(command -v node 2>/dev/null)"; do
    [ -n "$program" ] && [ -x "$program" ] && is_safe "$program" || continue
    [ "$asker" = claude ] || exec "$program" "$helper" "$@"
    answer=$(bounded "$((left_ms + 700))" "$program" "$helper" "$@")
    case $? in
    0) print_headers "$answer" ;;
    126 | 127) ;;
    # Ended by SIGKILL: 128 and its number, for ksh 256 and its number, of which eight bits may be left.
    9 | 137 | 265) refuse "$not_in_time" ;;
    *) why=$not_understood ;;
    esac
  done
  refuse "$why"
}

# An object of at least one string on one line: on anything less Claude Code would go on without a credential.
print_headers() {
  case $1 in
  *"$line_feed"*) refuse "$not_understood" ;;
  '{"'*'"}') ;;
  *) refuse "$not_understood" ;;
  esac
  printf '%s\n' "$1"
  exit 0
}

# When VS Code closes a window or one of them dies, another answers in its place within a moment: until then the
# endpoint file may be gone, or lead to nobody.
tries=0
took_ms=0
case ${LANYARD_DEADLINE_SECONDS-} in
[1-9]) left_ms=${LANYARD_DEADLINE_SECONDS}000 ;;
*) left_ms=8000 ;;
esac

# The machine's clock in milliseconds, without starting a program where that is possible; a busy machine takes long to.
uptime_ms() {
  { read -r uptime _ </proc/uptime; } 2>/dev/null || return 1
  now_ms=${uptime%.*}${uptime#*.}0
}
end_ms=
! uptime_ms || end_ms=$((now_ms + left_ms))

# Where a window listens, by its claim.
read_address() {
  address=
  {
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in 'unix-socket = "/'*'"') address=${line#*'"'} ;; esac
    done <"$1"
  } 2>/dev/null
  address=${address%'"'}
}

# Each window keeps its claim beside the endpoint file, and a window that has no time to take the place of another still
# holds its socket: the system itself lets others in there. Nothing is sent but a question without a key. `for_node` where an
# address is written in a way that Node alone reads.
for_node=false
lives=false
window_lives() {
  lives=true
  for claim in "$endpoint"*; do
    [ -f "$claim" ] || continue
    read_address "$claim"
    case $address in *[\\\"]*) for_node=true ;; esac
    [ -S "$address" ] || continue
    "$curl" -q -s -m 0.2 --unix-socket "$address" --noproxy '*' -o /dev/null http://lanyard.invalid/ </dev/null 2>/dev/null
    case $? in 0 | 28 | 52 | 56) return 0 ;; esac
  done
  lives=false
  return 1
}

# Waits a moment; or refuses for the reason that is given once there were so many tries, or for the other once no time is
# left. Nobody is told that Lanyard is not running while a window lives; whether one does is asked while there is time.
try_again() {
  tries=$((tries + 1))
  case $1,$tries in "$not_running,10" | "$not_running",2[1-9] | "$not_running",[3-9]?) window_lives || : ;; esac
  uptime_ms || now_ms=$(date +%s 2>/dev/null)000
  [ -n "$end_ms" ] || end_ms=$((now_ms + left_ms - took_ms))
  left_ms=$((end_ms - now_ms - 110))
  lives_on=false
  [ "$1" != "$not_running" ] || lives_on=$lives
  if [ "$left_ms" -le 500 ]; then
    [ "$lives_on" = false ] || refuse "$not_in_time"
    refuse "${2-$1}"
  fi
  [ "$tries" -le 20 ] || [ "$lives_on" = true ] || refuse "$1"
  pause 0.1 || pause 1 || :
}

# What the Node helper asks of these places too: nobody else can write them or read the key. Where the agent listens comes
# out of the file, so that a curl that knows no Unix sockets ends, instead of asking the network.
check_endpoint() {
  [ ! -h "$endpoint" ] && [ ! -h "$run" ] || refuse "$not_trusted"
  looks=0
  while [ ! -e "$endpoint" ]; do
    [ -n "$curl" ] || run_node "$@"
    looks=$((looks + 1))
    if [ "$looks" -gt 3 ] && ! window_lives; then
      [ "$for_node" = false ] || run_node "$@"
      refuse "$not_running"
    fi
    try_again "$not_running"
  done
  [ -f "$endpoint" ] && [ -r "$endpoint" ] || refuse "$not_trusted"
  read_address "$endpoint"
  socket=$address
  case $socket in '' | *[\\\"]*) run_node "$@" ;; esac
  [ -O "$endpoint" ] && [ -O "$run" ] || refuse "$not_trusted"
  check_modes "$@"
}

check_modes() {
  modes=$(
    PATH=/usr/bin:/bin:${PATH-}
    exec ls -ldn "$home/./." "$run/." "$endpoint" 2>/dev/null
  ) || run_node "$@"
  modes=$modes$line_feed
  while [ -n "$modes" ]; do
    mode=${modes%%"$line_feed"*}
    modes=${modes#*"$line_feed"}
    case $mode in
    d????-??-?*'/./.' | d???------*" $run/." | -???------*" $endpoint") ;;
    d*'/./.' | d*" $run/." | -*" $endpoint") refuse "$not_trusted" ;;
    *) run_node "$@" ;;
    esac
  done
}

server=${CLAUDE_CODE_MCP_SERVER_NAME-}
url=${CLAUDE_CODE_MCP_SERVER_URL-}
issuer=
seen=
for argument; do
  if [ -z "$seen" ]; then
    seen=command
    continue
  fi
  case "$asker $command $argument" in
  *' headers --json' | 'person token --json' | 'person status --json') json=true ;;
  'person headers --server='* | 'person token --server='*) server=${argument#--server=} ;;
  'person headers --url='* | 'person token --url='*) url=${argument#--url=} ;;
  'person token --issuer='*) issuer=${argument#--issuer=} ;;
  *' headers --')
    [ -n "${CLAUDE_CODE_MCP_USER_TOKEN-}" ] || check_endpoint "$@"
    run_node "$@"
    ;;
  *) run_node "$@" ;;
  esac
done
case $command in
headers | token | status) ;;
--version)
  [ "$asker $#" = 'person 1' ] || run_node "$@"
  printf 'lanyard %s\n' '@VERSION@'
  exit 0
  ;;
*) run_node "$@" ;;
esac

check_endpoint "$@"
[ -n "$curl" ] || run_node "$@"

# The key comes out of the endpoint file and the fields out of a here-document: nothing of them is an argument. What
# cannot stand on one line of it is the Node helper's. The last line is the status, and how long it took in seconds.
case $PWD$server$url$issuer in *"$line_feed"*) run_node "$@" ;; esac
while :; do
  fraction=00$((left_ms % 1000))
  left_seconds=$((left_ms / 1000)).${fraction#"${fraction%???}"}
  reply=$(
    "$curl" -q -K "$endpoint" --unix-socket "$socket" --noproxy '*' -f -s -m "$left_seconds" \
      --max-filesize 1048576 -H 'Accept: text/plain' -H 'Content-Type: application/vnd.lanyard.fields' \
      --data-binary @- -w '\n%{http_code} %{time_total}' "http://lanyard.invalid/v1/$command" 2>/dev/null <<FIELDS
asker=$asker
json=$json
deadlineMs=$left_ms
pid=$PPID
cwd=$PWD
server=$server
url=$url
issuer=$issuer
FIELDS
  )
  code=$?
  took=${reply##*"$line_feed"}
  reply=${reply%"$line_feed"*}
  case $code,$took in
  0,200\ *) break ;;
  0,[1-5][0-9][0-9]\ [0-9]*) refuse "$not_understood" ;;
  # The window got no time to read what was sent to it: as if it had gone.
  22,408\ *) code=52 ;;
  # The file was replaced between the look at it and curl's: the key of one window came to the socket of another.
  22,401\ *)
    asked=$socket
    check_endpoint "$@"
    [ "$socket" != "$asked" ] || refuse "$not_understood"
    try_again "$not_understood"
    continue
    ;;
  esac
  took=${took#* }
  case $took in
  *[!0-9.,]* | '') took_ms=1000 ;;
  *)
    fraction=${took#*[.,]}000
    took_ms=$((${took%%[.,]*} * 1000 + 1${fraction%"${fraction#???}"} - 1000))
    ;;
  esac
  case $code in
  7) try_again "$not_running" ;;
  18 | 52 | 55 | 56) try_again "$not_understood" "$not_in_time" ;;
  22 | 63) refuse "$not_understood" ;;
  28) refuse "$not_in_time" ;;
  # This curl does not start, is too old, or ends for reasons of its own: it cannot be told whether anybody answers.
  *) run_node "$@" ;;
  esac
  check_endpoint "$@"
done

exit_code=${reply%%"$line_feed"*}
text=${reply#*"$line_feed"}
case $reply in *"$line_feed"*) ;; *) refuse "$not_understood" ;; esac
case $exit_code in [0-9] | 10) ;; *) refuse "$not_understood" ;; esac
[ -n "$text" ] || refuse "$not_understood"
if [ "$exit_code" != 0 ]; then
  [ "$asker" = person ] || refuse "$not_understood"
  printf '%s\n' "$text" >&2
  exit "$exit_code"
fi
[ "$command" != headers ] || print_headers "$text"
printf '%s\n' "$text"
