# bash completion for azjit; printed by `azjit completion show bash`.
# It runs azjit, which reads local files only and never uses the network.

_azjit() {
    COMPREPLY=()
    local line
    while IFS= read -r line; do
        case $line in
            :files) compopt -o default 2>/dev/null; return ;;
            :dirs) compopt -o dirnames 2>/dev/null; return ;;
        esac
        COMPREPLY+=("$line")
    done < <(command azjit __complete bash \
        "${COMP_LINE:0:COMP_POINT}" "${COMP_TYPE:-}" "$COMP_WORDBREAKS" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

# bash before 4.4, as on macOS, has no nosort.
complete -o nosort -F _azjit azjit 2>/dev/null || complete -F _azjit azjit
