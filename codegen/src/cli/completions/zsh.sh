# The methods of the contract, or files. `cargo hubs` is completed by this file, too: the completion of cargo looks for it.
_cargo_hubs_words() {
    local -a methods
    methods=(${(f)"$(CARGO_HUBS_METHODS=1 cargo-hubs "${(@Q)words[1,CURRENT]}" 2> /dev/null)"})
    if (( $#methods )); then compadd -a methods; else _default; fi
}
