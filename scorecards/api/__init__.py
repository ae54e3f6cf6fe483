"""The API of scorecards: parse, call one service or selector, render."""
