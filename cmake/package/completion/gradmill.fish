# Completion of gradmill's commands, options and files for fish. What there is, the
# program itself says.
function __gradmill_commands
    gradmill --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\)  *\(.*\)/\1\t\2/p'
end

function __gradmill_options
    set -l words (commandline -opc)
    gradmill $words[2] --help 2>/dev/null | sed -n 's/^ *\(-[A-Za-z],\)\{0,1\}\(--[a-z0-9-]*\).*/\2/p'
end

complete -c gradmill -n '__fish_is_first_arg' -f -a '(__gradmill_commands)'
complete -c gradmill -n 'not __fish_is_first_arg; and string match -q -- "-*" (commandline -ct)' -f -a '(__gradmill_options)'
