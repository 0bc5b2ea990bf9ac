
# The methods of the contract, where the name of one is due.
function __cargo_hubs_methods
    set -l words (commandline --tokens-expanded --cut-at-cursor 2> /dev/null; or commandline --tokenize --cut-at-cursor)
    set -l words $words[2..] (commandline --current-token)
    test "$words[1]" = hubs; and set -e words[1]
    CARGO_HUBS_METHODS=1 cargo-hubs $words 2> /dev/null
end
complete -c cargo-hubs -n "__fish_seen_subcommand_from call stream upload listen" -f -a "(__cargo_hubs_methods)"

# `cargo hubs` is completed as `cargo-hubs`.
function __cargo_hubs_words
    set -l words (commandline --tokenize --cut-at-cursor)
    complete --do-complete "cargo-hubs $(string join ' ' -- (string escape -- $words[3..])) $(commandline --current-token)"
end
complete -c cargo -n "__fish_seen_subcommand_from hubs" -f -a "(__cargo_hubs_words)"
