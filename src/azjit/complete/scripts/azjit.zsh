#compdef azjit
# zsh completion for azjit; printed by `azjit completion show zsh`.
# It runs azjit, which reads local files only and never uses the network.

_azjit() {
    local -a lines values shown unended unended_shown
    local line value about
    integer width=0
    lines=("${(@f)$(command azjit __complete zsh \
        "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    case $lines[1] in
        '') return 1 ;;
        :files) _files; return ;;
        :dirs) _files -/; return ;;
    esac
    for line in "${(@)lines}"; do
        value=${line%%$'\t'*}
        (( ${#value} > width && ${#value} <= 40 )) && width=${#value}
    done
    for line in "${(@)lines}"; do
        value=${line%%$'\t'*}
        about=
        [[ $line == *$'\t'* ]] && about="${(r:width:)value}  -- ${line#*$'\t'}"
        (( ${#value} > width )) && [[ -n $about ]] && about="$value  -- ${line#*$'\t'}"
        if [[ $value == *= ]]; then
            unended+=("$value")
            unended_shown+=("${about:-$value}")
        else
            values+=("$value")
            shown+=("${about:-$value}")
        fi
    done
    # compadd quotes what it inserts, as the line needs it.
    (( ${#values} )) && compadd -V azjit -l -d shown -a values
    (( ${#unended} )) && compadd -V azjit-keys -S '' -l -d unended_shown -a unended
}

# Loaded by compinit it is this function's body; sourced, it registers itself.
if [[ $funcstack[1] == _azjit ]]; then
    _azjit "$@"
else
    compdef _azjit azjit
fi
