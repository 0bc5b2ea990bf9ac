
# The methods of the contract, where the name of one is due; all else is above. `cargo hubs` is completed as `cargo-hubs`, and every
# other command of cargo as before.
_cargo_hubs_words() {
    local line="${COMP_LINE:0:COMP_POINT}" methods
    local -a words
    read -a words <<< "$line"
    [[ "$line" == *[[:blank:]] ]] && words+=("")
    if [[ "${1##*/}" == cargo ]]; then
        if [[ "${words[1]}" != hubs || "${#words[@]}" -lt 3 ]]; then
            [[ -n "$_cargo_hubs_others" ]] && "$_cargo_hubs_others" "$@"
            return
        fi
        words=("${words[@]:1}")
        COMP_WORDS=("${COMP_WORDS[@]:1}")
        COMP_CWORD=$((COMP_CWORD - 1))
    fi
    words=("${words[@]/#\~\//$HOME/}")
    methods="$(CARGO_HUBS_METHODS=1 cargo-hubs "${words[@]:1}" 2> /dev/null)"
    if [[ -n "$methods" ]]; then
        COMPREPLY=($(compgen -W "$methods" -- "$2"))
    else
        COMP_WORDS[0]=cargo_hubs
        _cargo_hubs cargo_hubs "$2" "$3"
    fi
}

declare -F _completion_loader > /dev/null && ! complete -p cargo &> /dev/null && _completion_loader cargo
_cargo_hubs_others="$(complete -p cargo 2> /dev/null | sed -n 's/.* -F \([^ ]*\) .*/\1/p')"
[[ "$_cargo_hubs_others" == _cargo_hubs_words ]] && _cargo_hubs_others=""
complete -F _cargo_hubs_words -o bashdefault -o default cargo-hubs cargo
