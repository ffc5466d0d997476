"""Walks over the tokens of a .proto file: what stands here, what must come next, options and their values."""

from __future__ import annotations

from typing import NamedTuple

from callboard.portal.apidocs.protobuf_tokens import ProtoSyntaxError, Token, Tokens, unquoted

_CLOSING = {"{": "}", "[": "]", "(": ")", "<": ">"}
_MAX_OPTION = 500


class Option(NamedTuple):
    name: str
    value: str

    @property
    def words(self) -> str:
        return f"{self.name} = {self.value}"[:_MAX_OPTION]


def is_deprecated(options: list[Option]) -> bool:
    return any(option.name == "deprecated" and option.value == "true" for option in options)


class Cursor:
    """A place in the tokens of one file; `at` is its number."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens.tokens
        self._trailing = tokens.trailing
        self.at = 0

    @property
    def now(self) -> Token:
        return self._tokens[self.at]

    def next(self) -> Token:
        token = self._tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def is_at(self, text: str) -> bool:
        return self.now.text == text and self.now.kind in ("mark", "word")

    def is_ahead(self, text: str) -> bool:
        following = self._tokens[min(self.at + 1, len(self._tokens) - 1)]
        return following.text == text

    def take(self, text: str) -> bool:
        if found := self.is_at(text):
            self.next()
        return found

    def expect(self, text: str) -> Token:
        if not self.is_at(text):
            raise ProtoSyntaxError(f'expected "{text}"{self.instead()}', self.now)
        return self.next()

    def word(self, what: str) -> str:
        if self.now.kind != "word":
            raise ProtoSyntaxError(f"expected {what}{self.instead()}", self.now)
        return self.next().text

    def text(self) -> str:
        if self.now.kind != "text":
            raise ProtoSyntaxError(f"expected text in quotes{self.instead()}", self.now)
        return unquoted(self.next().text)

    def instead(self) -> str:
        return f', not "{self.now.text[:40]}"' if self.now.text else ", but the file ends"

    def described(self, first: Token, last_line: int) -> str:
        """The comment before a declaration, else the one that ends its line."""
        return (first.before or self._trailing.get(last_line, ""))[:20_000]

    def option_statement(self) -> Option:
        self.expect("option")
        option = self.option(";")
        self.expect(";")
        return option

    def options_in_brackets(self) -> list[Option]:
        self.expect("[")
        found = [self.option(",", "]")]
        while self.take(","):
            found.append(self.option(",", "]"))
        self.expect("]")
        return found

    def option(self, *ends: str) -> Option:
        name = self.until("=", *ends).replace(" ", "")
        self.expect("=")
        return Option(name, self.until(*ends))

    def number(self) -> str:
        sign = "-" if self.take("-") else ""
        if self.now.kind != "number":
            raise ProtoSyntaxError(f"expected a number{self.instead()}", self.now)
        return sign + self.next().text

    def until(self, *ends: str) -> str:
        """The text up to one of `ends` outside of any bracket."""
        words: list[str] = []
        closing: list[str] = []
        while closing or self.now.kind != "mark" or self.now.text not in ends:
            token = self.next()
            if token.kind == "end":
                raise ProtoSyntaxError(f'expected "{ends[0]}", but the file ends', token)
            if token.kind == "mark" and token.text in _CLOSING:
                closing.append(_CLOSING[token.text])
            elif token.kind == "mark" and closing and token.text == closing[-1]:
                closing.pop()
            elif token.kind == "mark" and token.text in ("}", ";") and "}" not in closing:
                raise ProtoSyntaxError(f'expected "{ends[0]}", not "{token.text}"', token)
            words.append(token.text)
        return " ".join(words)[: 4 * _MAX_OPTION]

    def skip_statement(self) -> None:
        """To behind the next `;` or balanced `{}`, but not out of the block we are in."""
        depth = 0
        while self.now.kind != "end":
            if self.is_at("{"):
                depth += 1
            elif self.is_at("}"):
                if depth == 0:
                    return
                depth -= 1
                if depth == 0:
                    self.next()
                    return
            elif self.is_at(";") and depth == 0:
                self.next()
                return
            self.next()
