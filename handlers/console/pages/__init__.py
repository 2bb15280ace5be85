"""The console's pages, one module a noun: parse, one use case, render."""
