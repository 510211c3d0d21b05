/**
 * A shell script that runs "$@" until it ends or stdin is closed, which also happens when the parent is killed:
 * for programs that would outlive it. Give it to `/bin/sh -c`, with a name and then the program as arguments.
 */
export const GUARD = 'exec 3<&0; "$@" 3<&- & child=$!; { cat <&3 >/dev/null; kill $child 2>/dev/null; } & watch=$!; wait $child; code=$?; kill $watch 2>/dev/null; exit $code';
