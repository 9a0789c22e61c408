// Package unspoof_test holds the rules of the house: who may import whom, that
// every package says what it is for, and that the index of RFCs is true.
package unspoof_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// room is what one package may touch.
type room struct {
	ours   []string // packages of this module
	others []string // modules besides the standard library and golang.org/x
	system []string // of the packages that reach out of the process, see outside
}

// rooms is the table of docs/architecture.md. A package that is not in it has
// no place in the house.
var rooms = map[string]room{
	"dns":          {others: []string{"github.com/miekg/dns"}, system: []string{"net", "os", "clock"}},
	"dns/dnsfile":  {ours: []string{"dns"}, others: []string{"github.com/miekg/dns", "go.yaml.in/yaml/v3"}, system: []string{"os"}},
	"message":      {},
	"message/mbox": {ours: []string{"message"}},
	"orgdomain":    {ours: []string{"dns"}},
	"sender":       {ours: []string{"dns"}},
	"finding":      {},
	"spf":          {ours: []string{"dns"}},
	"dmarc":        {ours: []string{"dns", "message", "orgdomain"}},
	"bounce":       {ours: []string{"message"}},
	"dkim":         {ours: []string{"dns", "message"}},
	"arc":          {ours: []string{"dns", "message", "dkim"}},
	"authres":      {ours: []string{"message"}},
	"auth":         {ours: []string{"dns", "message", "orgdomain", "spf", "dkim", "arc", "dmarc", "authres"}},
	"envelope":     {ours: []string{"message"}},
	"forensics":    {ours: []string{"dns", "message", "orgdomain", "spf", "dkim", "bounce", "envelope", "sender"}},
	"tlspolicy":    {ours: []string{"dns"}},
	"lint":         {ours: []string{"finding", "dns", "spf", "dkim", "dmarc", "orgdomain", "sender", "tlspolicy"}},
	"inventory":    {ours: []string{"dns", "message", "orgdomain", "spf", "dkim", "dmarc", "sender"}},
	"posture":      {ours: []string{"finding", "lint", "spf", "dkim", "dmarc", "dns", "orgdomain", "sender", "inventory", "tlspolicy"}},
	"plan":         {ours: []string{"spf", "dkim", "dmarc", "dns", "orgdomain", "sender", "inventory", "tlspolicy"}},
	"whatif":       {ours: []string{"dns", "message", "orgdomain", "spf", "dkim", "dmarc", "auth", "sender", "inventory"}},
}

// program lists, for the packages of the program, which of the program's own
// packages each may import; they use every public package freely.
var program = map[string][]string{
	"cmd/unspoof":            {"internal/cli"},
	"internal/cli":           {"internal/cli/ui", "internal/app", "internal/intake", "internal/investigation", "internal/profile", "internal/inspect", "internal/maillog", "internal/census", "internal/probe", "internal/fleet", "internal/example", "internal/spftext"},
	"internal/cli/ui":        {},
	"internal/app":           {"internal/web", "internal/store", "internal/store/sqlite", "internal/investigation", "internal/intake", "internal/profile", "internal/example"},
	"internal/web":           {"internal/census", "internal/inspect", "internal/store", "internal/store/sqlite", "internal/investigation", "internal/intake", "internal/profile", "internal/example", "internal/spftext"},
	"internal/store":         {},
	"internal/store/sqlite":  {"internal/store"},
	"internal/investigation": {"internal/intake"},
	"internal/inspect":       {},
	"internal/intake":        {},
	"internal/profile":       {},
	"internal/maillog":       {},
	"internal/census":        {"internal/inspect", "internal/intake", "internal/maillog", "internal/profile"},
	"internal/probe":         {},
	"internal/fleet":         {},
	"internal/example":       {},
	"internal/spftext":       {},
	"internal/testdata":      {},
}

// outside names the standard packages by which code reaches beyond its
// arguments; public packages do so only where their room says it.
var outside = map[string]string{
	"os": "os", "os/exec": "os", "os/signal": "os", "syscall": "os", "io/ioutil": "os", "log": "log", "log/slog": "log",
	"net": "net", "net/http": "net", "net/smtp": "net", "database/sql": "storage", "flag": "os", "unsafe": "unsafe",
}

const module = "unspoof"

func TestImportsStayInTheirRooms(t *testing.T) {
	for dir, files := range packages(t) {
		public, isPublic := rooms[dir]
		inner, isProgram := program[dir]
		if !isPublic && !isProgram && !strings.HasPrefix(dir, "e2e") && !strings.HasSuffix(dir, "/gen") {
			t.Errorf("%s: no room of that name in house_test.go and docs/architecture.md", dir)
			continue
		}
		for _, f := range files {
			for _, spec := range f.ast.Imports {
				path, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				if why := forbidden(path, public, isPublic, inner, isProgram); why != "" {
					t.Errorf("%s imports %q: %s", f.name, path, why)
				}
			}
		}
	}
}

func forbidden(path string, public room, isPublic bool, inner []string, isProgram bool) string {
	own, ours := strings.CutPrefix(path, module+"/")
	first, _, _ := strings.Cut(path, "/")
	switch {
	case ours && isPublic && !slices.Contains(public.ours, own):
		return "not a neighbour of this room"
	case ours && isProgram && (strings.HasPrefix(own, "internal/") || strings.HasPrefix(own, "cmd/")) && !slices.Contains(inner, own):
		return "not a neighbour of this room"
	case !ours && isPublic && strings.Contains(first, ".") && !strings.HasPrefix(path, "golang.org/x/") && !slices.Contains(public.others, path):
		return "public packages take the standard library and golang.org/x only"
	case isPublic && outside[path] != "" && !slices.Contains(public.system, outside[path]):
		return "public packages reach outside only where their room says so"
	}
	return ""
}

func TestPublicPackagesHaveNoClock(t *testing.T) {
	for dir, files := range packages(t) {
		r, public := rooms[dir]
		if !public || slices.Contains(r.system, "clock") {
			continue
		}
		for _, f := range files {
			ast.Inspect(f.ast, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep"}, sel.Sel.Name) {
					t.Errorf("%s: time.%s: the caller gives the time, so that every verdict replays", f.name, sel.Sel.Name)
				}
				return true
			})
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for dir, files := range packages(t) {
		var docs []string
		for _, f := range files {
			if f.ast.Doc != nil && !isDirective(f.ast.Doc) {
				docs = append(docs, f.name)
			}
		}
		if len(docs) != 1 {
			t.Errorf("%s: want one package comment, found %d in %v", dir, len(docs), docs)
		}
	}
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	for dir, files := range packages(t) {
		if _, public := rooms[dir]; !public {
			continue
		}
		for _, f := range files {
			for _, d := range f.ast.Decls {
				for _, name := range undocumented(d) {
					t.Errorf("%s: %s has no doc comment", f.name, name)
				}
			}
		}
	}
}

// undocumented names the exported declarations without a comment of their own
// or of their group.
func undocumented(d ast.Decl) []string {
	var out []string
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && exportedReceiver(d) && !implementsStandard(d) {
			out = append(out, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if d.Doc == nil && s.Doc == nil && s.Name.IsExported() {
					out = append(out, s.Name.Name)
				}
			case *ast.ValueSpec:
				for _, n := range s.Names {
					// Words of an enumeration are explained by their type.
					if d.Doc == nil && s.Doc == nil && s.Comment == nil && n.IsExported() && s.Type == nil {
						out = append(out, n.Name)
					}
				}
			}
		}
	}
	return out
}

// implementsStandard names the methods whose contract is the standard
// library's.
func implementsStandard(d *ast.FuncDecl) bool {
	return d.Recv != nil && slices.Contains([]string{"Error", "Unwrap", "String", "GoString", "MarshalText", "MarshalJSON", "UnmarshalJSON", "Len", "Less", "Swap"}, d.Name.Name)
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	x := d.Recv.List[0].Type
	if star, ok := x.(*ast.StarExpr); ok {
		x = star.X
	}
	id, ok := x.(*ast.Ident)
	return ok && id.IsExported()
}

func TestPublicPackagesHaveAnExample(t *testing.T) {
	for dir := range rooms {
		if _, err := os.Stat(dir); err != nil {
			continue // a room that no issue has built so far
		}
		matches, _ := filepath.Glob(filepath.Join(dir, "*_test.go"))
		found := false
		for _, m := range matches {
			src, err := os.ReadFile(m)
			if err != nil {
				t.Fatal(err)
			}
			found = found || regexp.MustCompile(`(?m)^func Example`).Match(src)
		}
		if !found {
			t.Errorf("%s: no Example", dir)
		}
	}
}

var cited = regexp.MustCompile(`RFCs? (\d{3,5})`)

// TestRFCIndex keeps rfc/index.txt true: what the code cites stands in it, and
// what it calls done is cited.
func TestRFCIndex(t *testing.T) {
	index, err := os.ReadFile(filepath.Join("rfc", "index.txt"))
	if err != nil {
		t.Fatal(err)
	}
	state := map[string]string{}
	for i, line := range strings.Split(string(index), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.SplitN(line, "\t", 4)
		if len(f) != 4 || !slices.Contains([]string{"yes", "partly", "no", "fact"}, f[1]) {
			t.Fatalf("rfc/index.txt:%d: want number, yes|partly|no|fact, package, title, tab between", i+1)
		}
		state[f[0]] = f[1]
	}
	seen := map[string]bool{}
	for _, files := range packages(t) {
		for _, f := range files {
			src, err := os.ReadFile(f.name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range cited.FindAllStringSubmatch(string(src), -1) {
				seen[m[1]] = true
				if state[m[1]] == "" {
					t.Errorf("%s cites RFC %s, which is not in rfc/index.txt", f.name, m[1])
				}
			}
		}
	}
	for n, s := range state {
		if (s == "yes" || s == "partly") && !seen[n] {
			t.Errorf("rfc/index.txt calls RFC %s %q, and no code cites it", n, s)
		}
	}
}

type file struct {
	name string
	ast  *ast.File
}

// packages parses every non-test Go file of the module, by folder.
func packages(t *testing.T) map[string][]file {
	t.Helper()
	out := map[string][]file{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			name := d.Name()
			if name == "testdata" && path != filepath.Join("internal", "testdata") || name == "bench" || path != "." && strings.HasPrefix(name, ".") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		if !ignored(f) {
			out[dir] = append(out[dir], file{path, f})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 5 {
		t.Fatalf("found only %d packages: is this the root of the module?", len(out))
	}
	return out
}

// ignored tells files that are no part of their package ("//go:build ignore").
func ignored(f *ast.File) bool {
	for _, c := range f.Comments {
		if c.Pos() < f.Package && strings.Contains(c.Text(), "go:build ignore") {
			return true
		}
		for _, l := range c.List {
			if l.Pos() < f.Package && strings.HasPrefix(l.Text, "//go:build ignore") {
				return true
			}
		}
	}
	return false
}

func isDirective(g *ast.CommentGroup) bool { return strings.TrimSpace(g.Text()) == "" }
