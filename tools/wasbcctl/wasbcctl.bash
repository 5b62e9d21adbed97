# bash completion of wasbcctl
# SPDX-License-Identifier: GPL-2.0-or-later
_wasbcctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words
	case $prev in
	number) words='set list show remove sync' ;;
	trunk) words='set list remove' ;;
	reload) words='--force' ;;
	-s | --socket) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	wasbcctl | --json) words='number trunk status reload --json -s -t' ;;
	*) words='--json' ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _wasbcctl wasbcctl
