# fish completion for azjit; printed by `azjit completion show fish`.
# It runs azjit, which reads local files only and never uses the network.

function __azjit_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    set -l lines (command azjit __complete fish $words "$current" 2>/dev/null)
    switch "$lines[1]"
        case ''
            return 1
        case :files
            __fish_complete_path "$current"
        case :dirs
            __fish_complete_directories "$current"
        case '*'
            printf '%s\n' $lines
    end
end

complete -c azjit -e
complete -c azjit -f -k -a '(__azjit_complete)'
