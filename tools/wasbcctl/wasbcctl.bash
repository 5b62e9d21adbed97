# bash completion of wasbcctl: the words are those of its own help.
# SPDX-License-Identifier: GPL-2.0-or-later

# Adds to `words` what may come after the words `given`, by one line of the help
# ("noun verb arguments"): a noun, a verb, or options.
_wasbcctl_line() {
	local of noun verb='' word
	read -ra of <<< "$1"
	noun=${of[0]}
	[[ ${of[1]} =~ ^[a-z]+$ ]] && verb=${of[1]}
	if [ ${#given[@]} -eq 0 ]; then
		words+=" $noun"
	elif [ "$noun" != "${given[0]}" ]; then
		return
	elif [ ${#given[@]} -eq 1 ] && [ -n "$verb" ]; then
		words+=" $verb"
	elif [ -z "$verb" ] || [ "$verb" = "${given[1]}" ]; then
		for word in "${of[@]//[\[\]]/}"; do
			case $word in --* | FILE) words+=" $word" ;; esac
		done
	fi
}

_wasbcctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} given=() lines line words='--json' i
	case $prev in
	-s | --socket | --ca) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	-t | --timeout) return ;;
	esac
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-s | --socket | -t | --timeout) ((i++)) ;;
		-*) ;;
		*) given+=("${COMP_WORDS[i]}") ;;
		esac
	done
	[ ${#given[@]} -gt 0 ] || words='-s -t --json --help'
	mapfile -t lines < <("${COMP_WORDS[0]}" --help 2> /dev/null)
	for line in "${lines[@]}"; do
		[[ $line == "  "[a-z]* ]] && _wasbcctl_line "$line"
	done
	mapfile -t COMPREPLY < <(compgen -W "${words//FILE/}" -- "$cur")
	[[ $words != *FILE* ]] || mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur")
}
complete -F _wasbcctl wasbcctl
