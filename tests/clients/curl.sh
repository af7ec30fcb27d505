# What the scripts of command lines share. Sourced by them.

# say NAME CURL-ARGUMENTS…: prints what the call got as a JSON line; an answer that is no JSON as a text.
say() {
    local name=$1 answer
    shift
    answer=$(curl -sS -w '\n%{http_code}' "$@") || exit 1
    node -e '
        const [name, answer] = process.argv.slice(1), end = answer.lastIndexOf("\n"), text = answer.slice(0, end);
        let body;
        try { body = JSON.parse(text); } catch { body = text; }
        console.log(JSON.stringify({ name, status: Number(answer.slice(end + 1)), body }));' "$name" "$answer"
}

# member NAME: the first text of that name in the JSON that is read.
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1; }
