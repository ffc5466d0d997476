"""Writes the catalog of a made-up company: any number of entities, with the shape of a real one.

Deterministic: the same number and seed give the same bytes. Ownership and use are skewed, as in life: a few
teams own much, a few interfaces are used by hundreds, and one reference in a few hundred leads nowhere.
To run it: `python -m bench.company FOLDER --entities 10000`, into a new folder.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import TypeVar

T = TypeVar("T")

SMALLEST = 40
SHARES = {"API": 0.20, "Resource": 0.12, "System": 0.05, "Domain": 0.005, "Group": 0.025, "User": 0.15}


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


SUBJECTS = words("""
    account address agent auction basket billing booking branch budget campaign card cargo catalog
    checkout claim consent contract courier coupon credit currency customer delivery deposit depot
    dispatch dispute document driver energy estimate event exchange fleet forecast fraud freight gift
    grid harvest identity image inbox insight invoice journey kitchen label ledger lesson loan locker
    loyalty mail margin market member menu meter mobile newsletter notice offer order outlet parcel
    partner passport payment payroll permit photo pickup player policy price profile promise quote
    ranking receipt recipe refund reminder rental report return review reward risk roster route sample
    schedule seat sensor session settlement shelf shipment site stock store studio subscription supplier
    survey tariff tax ticket toll tracking trade training transit traveller vault vehicle vendor voucher
    wallet warehouse warranty
""")
ROLES = words("""
    service worker gateway web api-server console importer exporter scheduler notifier sync engine portal
    bff client sdk core adapter pipeline archiver watcher resolver bot validator batch
""")
LANGUAGES = words("""
    java typescript python go kotlin csharp rust scala ruby swift elixir php
""")
TAGS = [
    *LANGUAGES,
    *words("""
    rest grpc graphql kafka postgresql redis batch streaming web mobile internal public pci gdpr critical
    legacy serverless kubernetes data machine-learning search security payments platform frontend backend
    edge tooling experimental shared realtime reporting mainframe accessibility observability migration
    on-call partner audited
"""),
]
VERBS = words("""
    Collects Publishes Calculates Validates Routes Stores Matches Exports Reconciles Schedules Explains
""")
ADJECTIVES = words("""
    late daily regional pending duplicate seasonal recurring partial archived urgent foreign signed
""")
FIRST = words("""
    Ada Ben Cleo Dara Emil Fay Gus Hana Ivo Jade Kofi Lena Milo Nora Omar Pia Quinn Rosa Sven Tala Uma
    Vito
""")
LAST = words("""
    Abel Birch Cole Dahl Elm Frost Grove Hale Ilves Joyce Karp Lund Marsh Noor Olsen Pike Reed Stone
    Thorn
""")
REGIONS = words("""
    north south east west central overseas
""")
AUDIENCES = ["the call centre", "field staff", "partner shops", "the finance desk", "travellers", "auditors"]
# Repeated words are likelier.
TYPES = words(
    "service " * 11 + "library " * 4 + "website " * 3 + "data-pipeline mobile-app documentation tool"
)
API_TYPES = words("openapi " * 11 + "grpc " * 4 + "asyncapi " * 3 + "graphql " * 2)
RESOURCE_TYPES = words("database " * 6 + "topic " * 4 + "bucket " * 3 + "cache " * 2 + "queue cluster model")
LIFECYCLES = words("production " * 14 + "experimental " * 3 + "deprecated " * 2 + "sunset")
TIERS = words("tier-1 tier-2 tier-2 tier-3 tier-3 tier-3 tier-4")


@dataclass(frozen=True, slots=True)
class Node:
    """A planned entity: enough to refer to it before it is written."""

    kind: str
    namespace: str
    name: str

    @property
    def ref(self) -> str:
        """The full entity reference."""
        return f"{self.kind.lower()}:{self.namespace}/{self.name}"

    def seen_from(self, namespace: str) -> str:
        """The shortest reference without a kind that an entity of that namespace can use."""
        return self.name if namespace == self.namespace else f"{self.namespace}/{self.name}"


@dataclass(slots=True)
class Summary:
    """What was generated, and the facts with which a benchmark varies its questions (commonest first)."""

    counts: Counter[str] = field(default_factory=Counter)
    refs: list[str] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    lifecycles: list[str] = field(default_factory=list)
    systems: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    dangling: int = 0
    files: int = 0
    bytes: int = 0
    seconds: float = 0.0


def pick(random: Random, items: Sequence[T]) -> T:
    """Any item, each as likely."""
    return items[int(random.random() * len(items))]


def popular(random: Random, items: Sequence[T]) -> T:
    """Any item, the first ones far more often: with 250 items the first is drawn 6 % of the time."""
    return items[int(random.random() ** 2 * len(items))]


class Company:
    """The plan of a company and its descriptors. Iterate `descriptors()` once, then read `facts()`."""

    def __init__(self, entities: int, seed: int = 1) -> None:
        if entities < SMALLEST:
            raise ValueError(f"a company has at least {SMALLEST} entities, not {entities}")
        self.random = Random(seed)
        size = {kind: max(1, round(entities * share)) for kind, share in SHARES.items()}
        size["Group"] = max(4, size["Group"])
        # Each domain has a Location, and there is the root; components take what is left, so it adds up.
        size["Component"] = entities - sum(size.values()) - size["Domain"] - 1
        self.size = size
        self.taken: set[str] = set()
        self.summary = Summary()
        self.owned: Counter[str] = Counter()
        self.tagged: Counter[str] = Counter()
        self.typed: Counter[str] = Counter()
        self._plan()

    def _name(self, kind: str, base: str) -> str:
        name, number = base, 1
        while f"{kind} {name}" in self.taken:
            number = number + 1 if number < 9 else self.random.randrange(10, 1_000_000)
            name = f"{base}-{number}"
        self.taken.add(f"{kind} {name}")
        return name

    def _node(self, kind: str, namespace: str, base: str) -> Node:
        return Node(kind, namespace, self._name(kind, base))

    def _plan(self) -> None:
        random, size = self.random, self.size
        self.domains = [
            self._node("Domain", "default", pick(random, SUBJECTS)) for _ in range(size["Domain"])
        ]
        departments = max(1, (size["Group"] - 1) // 12)
        self.company = Node("Group", "default", "company")
        self.departments = [
            self._node("Group", "default", f"{pick(random, SUBJECTS)}-department") for _ in range(departments)
        ]
        teams = size["Group"] - 1 - departments
        self.teams = [self._node("Group", "default", f"{pick(random, SUBJECTS)}-team") for _ in range(teams)]
        self.users = [
            self._node("User", "default", f"{pick(random, FIRST)}.{pick(random, LAST)}".lower())
            for _ in range(size["User"])
        ]
        # Every twelfth system lives in a namespace of its own, as acquired companies do.
        self.systems = [
            self._node("System", space, f"{pick(random, SUBJECTS)}-{pick(random, SUBJECTS)}")
            for space in islice(cycle(["acquired", *["default"] * 11]), size["System"])
        ]
        self.home: dict[Node, Node] = {}  # entity -> its system
        self.parts: dict[tuple[Node, str], list[Node]] = {}  # (system, kind) -> its entities
        roles = {"Component": ROLES, "API": words("api events feed"), "Resource": RESOURCE_TYPES}
        for kind, endings in roles.items():
            for _ in range(size[kind]):
                system = popular(random, self.systems)
                node = self._node(kind, system.namespace, f"{system.name}-{pick(random, endings)}")
                self.home[node] = system
                self.parts.setdefault((system, kind), []).append(node)
        of_kind: dict[str, list[Node]] = {}
        for node in self.home:
            of_kind.setdefault(node.kind, []).append(node)
        self.components, self.apis, self.resources = (
            of_kind[kind] for kind in ("Component", "API", "Resource")
        )
        # Usual owner of a system: the first teams are the large ones.
        self.keeper = {system: popular(random, self.teams) for system in self.systems}

    def descriptors(self) -> Iterator[tuple[str, list[str]]]:
        """Each file's path below the folder, with its documents."""
        domains = [f"    - ./domains/{domain.name}/catalog-info.yaml" for domain in self.domains]
        yield "catalog-info.yaml", [self._location("company", ["    - ./organisation/*.yaml", *domains])]
        yield from self._organisation()
        for i, domain in enumerate(self.domains):
            targets = ["    - ./*/catalog-info.yaml", "    - ./*/*/catalog-info.yaml"]
            folder = f"domains/{domain.name}"
            location = self._location(f"{domain.name}-domain", targets)
            yield f"{folder}/catalog-info.yaml", [self._domain(domain), location]
            for system in self.systems[i :: len(self.domains)]:
                yield f"{folder}/{system.name}/catalog-info.yaml", [self._system(system, domain)]
                for repo, documents in self._repositories(system):
                    yield f"{folder}/{system.name}/{repo}/catalog-info.yaml", documents

    def _repositories(self, system: Node) -> Iterator[tuple[str, list[str]]]:
        """A system's entities, one to six in a repository."""
        apis = list(self.parts.get((system, "API"), []))
        resources = list(self.parts.get((system, "Resource"), []))
        components = list(self.parts.get((system, "Component"), []))
        while components or apis or resources:
            head = (components or apis or resources)[-1]
            mine = [components.pop() for _ in range(min(len(components), pick(self.random, (1, 1, 1, 2, 3))))]
            share = len(components) + 1
            offered = [apis.pop() for _ in range(min(2, -(-len(apis) // share)))]
            kept = [resources.pop() for _ in range(min(1, -(-len(resources) // share)))]
            documents = [
                self._component(node, head.name, mine, offered if node is mine[0] else [], kept)
                for node in mine
            ]
            documents += [self._api(node, head.name) for node in offered]
            documents += [self._resource(node) for node in kept]
            yield head.name, documents

    def _organisation(self) -> Iterator[tuple[str, list[str]]]:
        top = [self._group(self.company, "organisation", None)]
        yield "organisation/company.yaml", top
        members: dict[Node, list[Node]] = {}
        for user in self.users:
            members.setdefault(popular(self.random, self.teams), []).append(user)
        for i, department in enumerate(self.departments):
            documents = [self._group(department, "department", self.company)]
            for team in self.teams[i :: len(self.departments)]:
                documents.append(self._group(team, "team", department))
                documents += [self._user(user, team) for user in members.get(team, [])]
            yield f"organisation/{department.name}.yaml", documents

    def _head(self, node: Node, description: str, more: str = "") -> str:
        self.summary.counts[node.kind] += 1
        self.summary.refs.append(node.ref)
        space = "" if node.namespace == "default" else f"\n  namespace: {node.namespace}"
        return (
            f"apiVersion: backstage.io/v1alpha1\nkind: {node.kind}\nmetadata:\n  name: {node.name}{space}\n"
            f"  description: {description}\n{more}spec:\n"
        )

    def _location(self, name: str, targets: list[str]) -> str:
        node = self._node("Location", "default", name)
        return self._head(node, f"Descriptors of {name}.") + "  targets:\n" + "\n".join(targets) + "\n"

    def _group(self, node: Node, kind: str, parent: Node | None) -> str:
        title = node.name.replace("-", " ").title()
        annotations = f"  annotations:\n    github.com/team-slug: example-company/{node.name}\n"
        more = f"  title: {title}\n{annotations}{self._tags(1)}" + self._links(node.name, ("Chat",))
        return (
            self._head(node, self._sentence(), more)
            + f"  type: {kind}\n  profile:\n    displayName: {title}\n"
            f"    email: {node.name}@example.com\n"
            + (f"  parent: {parent.name}\n" if parent else "")
            + "  children: []\n"
        )

    def _user(self, node: Node, team: Node) -> str:
        groups = [team.name]
        if self.random.random() < 0.2 and (second := popular(self.random, self.teams)) != team:
            groups.append(second.name)
        shown = " ".join(part.title() for part in node.name.split("-")[0].split("."))
        more = (
            f"  annotations:\n    github.com/user-login: {node.name.replace('.', '-')}\n"
            f"    google.com/email: {node.name}@example.com\n"
            f"  labels:\n    example.com/site: {pick(self.random, REGIONS)}\n"
        )
        return (
            self._head(
                node, f"Works on {pick(self.random, SUBJECTS)} for {pick(self.random, AUDIENCES)}.", more
            )
            + f"  profile:\n    displayName: {shown}\n    email: {node.name}@example.com\n"
            + f"    picture: https://people.example.com/{node.name}.png\n  memberOf: [{', '.join(groups)}]\n"
        )

    def _domain(self, node: Node) -> str:
        more = f"  title: {node.name.title()}\n{self._tags(2)}{self._links(node.name, ('Strategy',))}"
        department = pick(self.random, self.departments)
        self.owned[department.ref] += 1
        return self._head(node, self._sentence(2), more) + f"  owner: {department.name}\n  type: business\n"

    def _system(self, node: Node, domain: Node) -> str:
        slug = f"  annotations:\n    github.com/project-slug: example-company/{node.name}\n"
        more = f"  title: {self._title(node)}\n{self._labels()}{slug}{self._tags(2)}" + self._links(
            node.name, ("Dashboard", "Architecture")
        )
        place = domain.seen_from(node.namespace)
        return (
            self._head(node, self._sentence(2), more)
            + self._owner(node)
            + f"  domain: {place}\n  type: product\n"
        )

    def _component(
        self, node: Node, repo: str, siblings: list[Node], offered: list[Node], kept: list[Node]
    ) -> str:
        random, space = self.random, node.namespace
        kind = pick(random, TYPES)
        self.typed[kind] += 1
        used = {popular(random, self.apis): None for _ in range(pick(random, (0, 0, 1, 1, 2, 3)))}
        needed = [f"resource:{other.seen_from(space)}" for other in kept]
        for kin, chance in ((self.components, 0.4), (self.resources, 0.15)):
            if random.random() < chance and (other := popular(random, kin)) is not node:
                needed.append(f"{other.kind.lower()}:{other.seen_from(space)}")
        if random.random() < 0.006:
            needed.append(f"resource:{node.name}-gone")
            self.summary.dangling += 1
        more = (
            f"  title: {self._title(node)}\n{self._labels()}  annotations:\n"
            f"    github.com/project-slug: example-company/{repo}\n    backstage.io/techdocs-ref: dir:.\n"
            f"    sonarqube.org/project-key: example-company.{node.name}\n"
        )
        if kind == "service":
            service = f"P{random.randrange(36**5):06X}"
            more += f"    backstage.io/kubernetes-id: {node.name}\n    pagerduty.com/service-id: {service}\n"
        more += self._tags(3) + self._links(node.name, ("Dashboard", "Runbook"))
        spec = f"  type: {kind}\n  lifecycle: {pick(random, LIFECYCLES)}\n" + self._owner(node)
        if node is not siblings[0] and random.random() < 0.5:
            spec += f"  subcomponentOf: {siblings[0].name}\n"
        lists = {
            "providesApis": [other.seen_from(space) for other in offered],
            "consumesApis": [other.seen_from(space) for other in used],
            "dependsOn": list(dict.fromkeys(needed)),
        }
        spec += f"  system: {self.home[node].name}\n"
        for key, refs in lists.items():
            if refs:
                spec += f"  {key}:\n" + "".join(f"    - {ref}\n" for ref in refs)
        return self._head(node, self._sentence(pick(random, (1, 2, 2, 3))), more) + spec

    def _api(self, node: Node, repo: str) -> str:
        kind = pick(self.random, API_TYPES)
        self.typed[kind] += 1
        annotations = f"  annotations:\n    github.com/project-slug: example-company/{repo}\n"
        more = f"  title: {self._title(node)}\n{self._labels()}{annotations}{self._tags(2)}"
        spec = f"  type: {kind}\n  lifecycle: {pick(self.random, LIFECYCLES)}\n{self._owner(node)}"
        spec += f"  system: {self.home[node].name}\n  definition: |\n"
        things = self.random.sample(SUBJECTS, pick(self.random, (1, 1, 1, 2, 2, 3, 6)))
        lines = definition(kind, node.name, things).splitlines()
        return self._head(node, self._sentence(), more) + spec + "".join(f"    {line}\n" for line in lines)

    def _resource(self, node: Node) -> str:
        kind = next(word for word in RESOURCE_TYPES if f"-{word}" in node.name)
        self.typed[kind] += 1
        arn = f"arn:aws:{kind}:{pick(self.random, REGIONS)}:000000000000:{node.name}"
        more = f"  title: {self._title(node)}\n{self._labels()}  annotations:\n    amazonaws.com/arn: {arn}\n"
        more += self._tags(2) + self._links(node.name, ("Console",))
        return (
            self._head(node, self._sentence(), more)
            + f"  type: {kind}\n{self._owner(node)}  system: {self.home[node].name}\n"
        )

    def _owner(self, node: Node) -> str:
        """Nine in ten belong to their system's team, a few to one person."""
        chance, system = self.random.random(), self.home.get(node, node)
        owner = popular(self.random, self.teams) if chance > 0.9 else self.keeper[system]
        if chance < 0.02:
            owner = pick(self.random, self.users)
        self.owned[owner.ref] += 1
        kind = "user:" if owner.kind == "User" else ""
        return f"  owner: {kind}{owner.seen_from(node.namespace)}\n"

    def _title(self, node: Node) -> str:
        return node.name.replace("-", " ").capitalize()

    def _labels(self) -> str:
        tier, language = pick(self.random, TIERS), popular(self.random, LANGUAGES)
        return f"  labels:\n    example.com/tier: {tier}\n    example.com/language: {language}\n"

    def _tags(self, most: int) -> str:
        tags = list(dict.fromkeys(popular(self.random, TAGS) for _ in range(most + 1)))
        self.tagged.update(tags)
        return f"  tags: [{', '.join(tags)}]\n"

    def _links(self, name: str, titles: Sequence[str]) -> str:
        return "  links:\n" + "".join(
            f"    - url: https://{title.lower()}.example.com/{name}\n      title: {title}\n"
            for title in titles
        )

    def _sentence(self, count: int = 1) -> str:
        return " ".join(
            f"{pick(self.random, VERBS)} {pick(self.random, ADJECTIVES)} {pick(self.random, SUBJECTS)} "
            f"records and their {pick(self.random, SUBJECTS)} details for {pick(self.random, AUDIENCES)}."
            for _ in range(count)
        )

    def facts(self) -> Summary:
        """The summary, once `descriptors()` is exhausted."""
        summary = self.summary
        summary.owners = [ref for ref, _ in self.owned.most_common()]
        summary.tags = [tag for tag, _ in self.tagged.most_common()]
        summary.types = [kind for kind, _ in self.typed.most_common()]
        summary.lifecycles = list(dict.fromkeys(LIFECYCLES))
        summary.systems = [system.ref for system in self.systems]
        summary.words = [*SUBJECTS, *ROLES]
        return summary


def definition(kind: str, name: str, things: Sequence[str]) -> str:
    """A short but real interface description about some things."""
    if kind == "openapi":
        paths = "".join(
            f"  /{thing}s:\n    get:\n      operationId: list-{thing}s\n      responses:\n"
            f"        '200': {{description: All {thing} records}}\n"
            f"  /{thing}s/{{id}}:\n    get:\n      operationId: get-{thing}\n      parameters:\n"
            "        - {name: id, in: path, required: true, schema: {type: string}}\n      responses:\n"
            f"        '200': {{description: One {thing}}}\n        '404': {{description: No such {thing}}}\n"
            for thing in things
        )
        return f"openapi: 3.1.0\ninfo:\n  title: {name}\n  version: 1.0.0\npaths:\n{paths}"
    if kind == "grpc":
        body = "".join(
            f"service {thing.title()}s {{\n  rpc Get({thing.title()}Id) returns ({thing.title()});\n}}\n\n"
            f"message {thing.title()}Id {{\n  string id = 1;\n}}\n\n"
            f"message {thing.title()} {{\n  string id = 1;\n  string state = 2;\n  int64 amount = 3;\n}}\n\n"
            for thing in things
        )
        return f'syntax = "proto3";\n\npackage example.{name.replace("-", "_")};\n\n{body}'
    if kind == "asyncapi":
        channels = "".join(
            f"  {thing}:\n    address: {name}.{thing}\n    messages:\n      changed:\n        payload:\n"
            "          type: object\n          properties:\n            id: {type: string}\n"
            for thing in things
        )
        return f"asyncapi: 3.0.0\ninfo:\n  title: {name}\n  version: 1.0.0\nchannels:\n{channels}"
    fields = "".join(f"  {thing}(id: ID!): {thing.title()}\n" for thing in things)
    types = "".join(
        f"\ntype {t.title()} {{\n  id: ID!\n  state: String!\n  amount: Int\n}}\n" for t in things
    )
    return f"type Query {{\n{fields}}}\n{types}"


def facts(entities: int, seed: int = 1) -> Summary:
    """The facts of a company without writing it."""
    company = Company(entities, seed)
    for _ in company.descriptors():
        pass
    return company.facts()


def generate(folder: Path, entities: int, seed: int = 1) -> Summary:
    """Write a company of that many entities below the folder, which should be new or empty."""
    started = time.perf_counter()
    company = Company(entities, seed)
    files = size = 0
    for path, documents in company.descriptors():
        content = "---\n".join(documents).encode()
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        files, size = files + 1, size + len(content)
    summary = company.facts()
    summary.files, summary.bytes, summary.seconds = files, size, time.perf_counter() - started
    return summary


def main() -> None:
    """Generate from the command line and print what was written."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--entities", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    summary = generate(arguments.folder, arguments.entities, arguments.seed)
    shown = {
        "entities": sum(summary.counts.values()),
        "kinds": dict(summary.counts),
        "files": summary.files,
        "megabytes": round(summary.bytes / 1e6, 1),
        "dangling": summary.dangling,
        "largest owner": summary.owners[0],
        "seconds": round(summary.seconds, 2),
    }
    print(json.dumps(shown, indent=2))


if __name__ == "__main__":
    main()
