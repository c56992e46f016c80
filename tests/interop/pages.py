"""What of docs/integrate/php.md and csharp.md can be held against generated stubs without their runtimes.

    pages.py php|csharp STUBS

Every generated class, method, property and value that a page names must be there. C# is parsed, not compiled.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What the program in PHP calls on messages of google.rpc, which are not generated here.
GOOGLE_METHODS = {"getDetails", "getMessage", "getMetadata", "getReason", "getRetryDelay", "getSeconds", "getValue"}

# The types that the program in C# has from .NET and NuGet.
LIBRARY_TYPES = {
    *("DateTime", "Dictionary", "Func", "IDictionary", "IEnumerable", "IList", "List", "Task", "TimeSpan"),
    *("InvalidOperationException", "JsonNode", "JsonObject", "SocketsHttpHandler"),
    *("SslClientAuthenticationOptions", "X509CertificateCollection", "X509ChainPolicy", "Ed25519Signer"),
    *("GrpcChannel", "GrpcChannelOptions", "Metadata", "RpcException", "StatusCode"),
    *("ErrorInfo", "LocalizedMessage", "RetryInfo"),
}


def program(language):
    page = (ROOT / "docs" / "integrate" / f"{language}.md").read_text()
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return block


def php(stubs):
    """What the page names and the stubs do not have."""
    text = program("php")
    read = lambda file: file.read_text(encoding="latin-1")  # descriptors stand there as raw bytes
    everything = "".join(read(file) for file in stubs.rglob("*.php"))
    sources = {}
    for name in re.findall(r"^use (Passerelle\\[\w\\]+);", text, re.MULTILINE):
        file = stubs / (name.replace("\\", "/") + ".php")
        if not file.exists():
            yield name
            continue
        sources[name.rpartition("\\")[2]] = read(file)
    own = set(re.findall(r"function (\w+)\(", text))
    for name in sorted(set(re.findall(r"->((?:get|set|has)?[A-Z]\w*)\(", text)) - own - GOOGLE_METHODS):
        if f"public function {name}(" not in everything:
            yield f"->{name}()"
    for name, constant in re.findall(r"\b([A-Z]\w+)::([A-Z_]{2,})\b", text):
        if f"const {constant} =" not in sources.get(name, ""):
            yield f"{name}::{constant}"
    for name, source in sources.items():
        for setters in re.findall(rf"\(new {name}\(\)\)((?:\s*->set\w+\((?:[^()]|\([^()]*\))*\))*)", text):
            for setter in re.findall(r"->(set\w+)\(", setters):
                if f"public function {setter}(" not in source:
                    yield f"{name}->{setter}()"
    generated = {file.stem for file in stubs.rglob("*.php")}
    for name in set(re.findall(r"\b(?:new |(?<!\\))([A-Z]\w+)(?:\(\)\)|::|\(\.\.\.)", text)) & generated:
        if f"\\{name};" not in text:
            yield f"use of {name}"


class CSharp:
    """The messages and enums of the stubs, by full name: what a class has, with its type."""

    def __init__(self, stubs):
        self.classes, self.enums = {}, {}
        for file in stubs.rglob("*.cs"):
            text = file.read_text()
            (space,) = re.findall(r"^namespace ([\w.]+)", text, re.MULTILINE)
            name = None
            for line in text.splitlines():
                if found := re.match(r"\s+public sealed partial class (\w+)", line):
                    name = f"{space}.{found[1]}"
                    self.classes[name] = {}
                elif found := re.match(r"\s+public enum (\w+) {", line):
                    self.enums.setdefault(found[1], set())
                    enum = found[1]
                elif found := re.match(r"\s+(?:\[[^\]]*\] )?(\w+) = \d+,$", line):
                    self.enums[enum].add(found[1])
                elif name and (found := re.match(r"    public (?!const|static|enum)(\S+) (\w+) {$", line)):
                    self.classes[name][found[2]] = found[1].replace("global::", "")


def csharp(stubs):
    """What the page names and the generated messages do not have, and where it is no C#."""
    import tree_sitter
    import tree_sitter_c_sharp

    text = program("csharp").encode()
    language = tree_sitter.Language(tree_sitter_c_sharp.language())
    root = tree_sitter.Parser(language).parse(text).root_node
    generated = CSharp(stubs)
    services = {
        service: set(re.findall(r"^  rpc (\w+)", body, re.MULTILINE))
        for file in (ROOT / "proto" / "passerelle").rglob("*.proto")
        for service, body in re.findall(r"^service (\w+) {(.*?)^}", file.read_text(), re.MULTILINE | re.DOTALL)
    }
    said = lambda node: node.text.decode() if node else ""
    field = lambda node, name: node.child_by_field_name(name)
    source = text.decode()
    aliases = dict(re.findall(r"^using (\w+) = (Passerelle[\w.]+);", source, re.MULTILINE))
    spaces = re.findall(r"^using (Passerelle[\w.]+);", source, re.MULTILINE)
    own = set(re.findall(r"\b(?:class|record) (\w+)", source))
    for name in aliases.values():
        if name not in generated.classes:
            yield name

    def full(name):
        for candidate in [aliases.get(name), name, *(f"{space}.{name}" for space in spaces)]:
            if candidate in generated.classes:
                return candidate
        return None

    def kind(node, variables):
        """The type of an expression, where it is a generated one or a client; else None."""
        if node.type == "identifier":
            return variables.get(said(node))
        if node.type == "object_creation_expression":
            return named(field(node, "type"))
        if node.type == "element_access_expression":
            list_of = re.fullmatch(r"pbc::RepeatedField<(.*)>", kind(field(node, "expression"), variables) or "")
            return list_of and list_of[1]
        if node.type == "member_access_expression":
            owner = kind(field(node, "expression"), variables)
            return generated.classes.get(owner, {}).get(said(field(node, "name")))
        return None

    def named(node):
        name = said(node)
        if found := re.fullmatch(r"(\w+)\.\1Client", name):
            return found[1]
        return full(name)

    def walk(node, variables):
        if node.type == "ERROR" or node.is_missing:
            yield f"what line {node.start_point.row + 1} of the program says: it is no C#"
        if node.type == "method_declaration":
            variables = {}
        if node.type == "variable_declaration":
            for declared in node.named_children[1:]:
                value = declared.named_children[-1]
                value_kind = kind(value, variables) if said(field(node, "type")) == "var" else None
                variables[said(field(declared, "name"))] = value_kind or named(field(node, "type"))
        if node.type == "parameter":
            variables[said(field(node, "name"))] = named(field(node, "type"))
        if node.type == "foreach_statement":
            variables[said(field(node, "left"))] = named(field(node, "type"))
        type_node = field(node, "type") if node.type != "using_directive" else None
        for name in re.findall(r"[A-Z][\w.]*", said(type_node)) if type_node else ():
            client = re.fullmatch(r"(\w+)\.\1Client", name)
            if not (full(name) or name in own | LIBRARY_TYPES or client and client[1] in services):
                yield f"the type {name}"
        if node.type == "object_creation_expression" and (owner := named(field(node, "type"))):
            for part in field(node, "initializer").named_children if field(node, "initializer") else ():
                name = said(field(part, "left"))
                if part.type == "assignment_expression" and name not in generated.classes[owner]:
                    yield f"{owner}.{name}"
        if node.type == "member_access_expression":
            owner, name = field(node, "expression"), said(field(node, "name"))
            enum = said(owner).rpartition(".")[2]
            owner_kind = kind(owner, variables)
            if owner_kind in generated.classes and name not in generated.classes[owner_kind]:
                yield f"{owner_kind}.{name}"
            if owner_kind in services and name.removesuffix("Async") not in services[owner_kind]:
                yield f"{owner_kind}.{name}"
            if not owner_kind and enum in generated.enums and name not in generated.enums[enum]:
                yield f"{enum}.{name}"
        for child in node.children:
            yield from walk(child, variables)

    yield from walk(root, {})


if __name__ == "__main__":
    checked = {"php": php, "csharp": csharp}[sys.argv[1]]
    missing = list(checked(Path(sys.argv[2])))
    for name in missing:
        print(f"docs/integrate/{sys.argv[1]}.md: the stubs do not have {name}", file=sys.stderr)
    sys.exit(bool(missing))
