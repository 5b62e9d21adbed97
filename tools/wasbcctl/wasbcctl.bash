# bash completion of wasbcctl
# SPDX-License-Identifier: GPL-2.0-or-later
_wasbcctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words
	case $prev in
	number) words='set list show remove sync health discover rotate forget' ;;
	doctor) words='--ca --nameserver --json' ;;
	--ca) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	plan) words='--all --keep-going --parallel'; mapfile -t COMPREPLY < <(compgen -f -W "$words" -- "$cur"); return ;;
	apply) words='--dry-run --keep-going --parallel'; mapfile -t COMPREPLY < <(compgen -f -W "$words" -- "$cur"); return ;;
	audit) words='--lines' ;;
	trunk) words='set list show state remove' ;;
	app) words='list' ;;
	call) words='show hangup' ;;
	drain) words='--exit' ;;
	reload) words='--force' ;;
	source) words='convert status check reload set' ;;
	ban) words='list add remove' ;;
	tls) words='status reload' ;;
	-s | --socket) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	wasbcctl | --json) words='number trunk app plan apply drift tasks audit calls call drain undrain blocked unblock doctor status reload source ban tls --json -s -t' ;;
	*) case " ${COMP_WORDS[*]} " in
		*' number list '*) words='--error --stale --blocked --restricted --json' ;;
		*' number discover '*) words='--app --adopt --json' ;;
		*) words='--json' ;;
		esac ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _wasbcctl wasbcctl
