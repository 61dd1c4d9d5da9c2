import ArgumentParser

/// The completion scripts as they are printed: ArgumentParser's, and for bash what mends that one.
enum CompletionScript {
    /// The script that `error` asks to print; nil for anything else, and for shells whose script is ArgumentParser's alone.
    static func mended(_ error: any Error) -> String? {
        let text = Xpmctl.fullMessage(for: error)
        return text.hasPrefix("#!/bin/bash\n") ? text + "\n" + bash : nil
    }

    /// Read behind ArgumentParser's script, where it replaces a function and the completion itself.
    private static let bash = #"""
        # Words are offered as they are: compgen -W would expand them, and run the commands in them.
        __xpmctl_add_completions() {
            local completion
            if [[ "${1}" = -W ]]; then
                # They are no files: quoted like those, the ':' of a name would become '\:'.
                compopt +o filenames
                while IFS='' read -r completion; do
                    if [[ -n "${completion}" && "${completion}" = "${cur}"* ]]; then
                        COMPREPLY+=("${completion}")
                    fi
                done <<<"${2}"
            else
                while IFS='' read -r completion; do
                    COMPREPLY+=("${completion}")
                done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
            fi
        }

        # Names have ':', '@' and '=' in them, at which bash ends words. Puts the parts together again, and leaves out of each
        # completion what is in front of the part that bash replaces.
        __xpmctl_complete_whole_words() {
            local -a words=()
            local -i index start=0 point=0 place=0
            local word rest="${COMP_LINE}" joins=false joined=false
            for index in "${!COMP_WORDS[@]}"; do
                word="${COMP_WORDS[index]}"
                if [[ "${index}" -eq 0 || "${rest}" = [[:space:]]* ]]; then
                    joins=false
                elif [[ "${word}" = +([@:=]) && "${words[-1]}" != -* ]]; then
                    joins=true
                fi
                rest="${rest#*"${word}"}"
                if "${joins}"; then
                    words[-1]+="${word}"
                else
                    words+=("${word}")
                    start="$((${#COMP_LINE} - ${#rest} - ${#word}))"
                fi
                if [[ "${index}" -eq "${COMP_CWORD}" ]]; then
                    joined="${joins}" place="$((${#words[@]} - 1))" point="${start}"
                fi
            done

            local typed="${2}"
            if "${joined}"; then typed="${COMP_LINE:point:COMP_POINT - point}"; fi
            local -a COMP_WORDS=("${words[@]}")
            local -i COMP_CWORD="${place}"
            # Behind `--` stands a command, whose options are not xpmctl's.
            local before="${COMP_WORDS[COMP_CWORD - 1]}"
            for word in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
                if [[ "${word}" = -- ]]; then before=''; fi
            done
            _xpmctl "${1}" "${typed}" "${before}"
            if "${joined}"; then COMPREPLY=("${COMPREPLY[@]#"${typed%"${2}"}"}"); fi
        }

        complete -o filenames -F __xpmctl_complete_whole_words xpmctl
        """#
}
