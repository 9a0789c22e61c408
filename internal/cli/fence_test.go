package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestOnlyUIWrites holds that no verb writes to a stream but through package ui,
// so that no text from outside gets past its cleaning.
func TestOnlyUIWrites(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			fun, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, _ := fun.X.(*ast.Ident)
			if pkg != nil && pkg.Name == "fmt" && (strings.HasPrefix(fun.Sel.Name, "Fprint") || strings.HasPrefix(fun.Sel.Name, "Print")) {
				t.Errorf("%s: fmt.%s: print through package ui", name, fun.Sel.Name)
			}
			for _, arg := range call.Args {
				sel, ok := arg.(*ast.SelectorExpr)
				if !ok || sel.Sel.Name != "Stdout" && sel.Sel.Name != "Stderr" {
					continue
				}
				isCobra := fun.Sel.Name == "SetOut" || fun.Sel.Name == "SetErr" // help: our own words
				if (pkg == nil || pkg.Name != "ui") && !isCobra {
					t.Errorf("%s: %s is handed to %s: only package ui writes to it", name, sel.Sel.Name, fun.Sel.Name)
				}
			}
			return true
		})
	}
}
