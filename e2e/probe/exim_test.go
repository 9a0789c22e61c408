//go:build e2e && linux

package probe_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"unspoof/internal/probe"
)

// eximCase is one way to set Exim up. The faults are switches that the
// configuration looks up by the port that mail comes in at.
type eximCase struct {
	name   string
	faults []string
	want   []fault
}

var eximCases = []eximCase{
	{"right", nil, nil},
	{"open relay", []string{"relay/mx"}, []fault{{probe.OpenRelay, "mx"}}},
	{"open to the percent hack", []string{"percent/mx"}, []fault{{probe.OpenRelay, "mx"}}},
	{"submission without login", []string{"relay/submission", "relay/smtps"}, []fault{{probe.WithoutLogin, "submission"}, {probe.WithoutLogin, "smtps"}}},
	{"login may use any address", []string{"anysender/smtps"}, []fault{{probe.LoginAnyAddress, "smtps"}, {probe.LoginAnyDomain, "smtps"}}},
	{"login may use any address of the domain", []string{"domainsender/smtps"}, []fault{{probe.LoginAnyAddress, "smtps"}}},
	{"login may use any From line", []string{"anyfrom/smtps"}, []fault{{probe.LoginAnyFrom, "smtps"}}},
	{"VRFY", []string{"vrfy/mx"}, []fault{{probe.VRFY, "mx"}}},
	{"EXPN", []string{"expn/mx"}, []fault{{probe.EXPN, "mx"}}},
	{"login before TLS", []string{"clearauth/mx", "clearauth/submission"}, []fault{{probe.AuthBeforeTLS, "mx"}, {probe.AuthBeforeTLS, "submission"}}},
	{"no STARTTLS", []string{"notls/mx"}, []fault{{probe.STARTTLS, "mx"}}},
	{"expired certificate", []string{"expired/mx"}, []fault{{probe.CertificateDates, "mx"}}},
	{"certificate for another", []string{"wrong/smtps"}, []fault{{probe.CertificateName, "smtps"}}},
	{"self-signed certificate", []string{"self-signed/mx"}, []fault{{probe.CertificateChain, "mx"}}},
	{"old TLS", []string{"oldtls/mx"}, []fault{{probe.OldTLS, "mx"}}},
	{"catch-all", []string{"catchall/mx"}, []fault{{probe.CatchAll, "mx"}}},
	{"old TLS where TLS comes first", []string{"oldtls/smtps"}, []fault{{probe.OldTLS, "smtps"}}},
	{"submission like port 25", []string{"inside/submission"}, []fault{{probe.WithoutLogin, "submission"}}},
	{"own domain from outside", []string{"ownsender/mx", "ownfrom/mx"}, []fault{{probe.OwnEnvelope, "mx"}, {probe.OwnFrom, "mx"}}},
	{"own domain refused with the message", []string{"ownsender/mx"}, nil},
	{"own domain in the From line", []string{"ownfrom/mx"}, []fault{{probe.OwnFrom, "mx"}}},
}

// eximConf asks at each decision whether the port has the fault:
// ${lookup{PORT/FAULT}} in the file of switches.
const eximConf = `
primary_hostname = mail.probe.example
exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = DIR/spool
log_file_path = DIR/log/%slog
pid_file_path =
local_interfaces = ADDRESS
daemon_smtp_ports = ALLPORTS
tls_on_connect_ports = SMTPSPORTS
smtp_accept_max = 0
smtp_enforce_sync = false
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
deliver_drop_privilege = true
accept_8bitmime = true
HAS = lsearch{DIR/switches}{yes}{no}}}{yes
tls_advertise_hosts = ${if eq{${lookup{$received_port/notls}HAS}{}{*}}
auth_advertise_hosts = ${if eq{${lookup{$received_port/clearauth}HAS}{*}{${if and{{def:tls_in_cipher}{!eq{${lookup{$received_port}lsearch{DIR/kinds}}}{mx}}}{*}{}}}}
tls_certificate = DIR/tls/${lookup{$received_port}lsearch{DIR/certs}}.crt
tls_privatekey = DIR/tls/${lookup{$received_port}lsearch{DIR/certs}}.key
tls_require_ciphers = ${if eq{${lookup{$received_port/oldtls}HAS}{NORMAL:+VERS-TLS1.0:+VERS-TLS1.1:%COMPAT}{NORMAL:-VERS-TLS1.0:-VERS-TLS1.1}}
domainlist local_domains = probe.example
acl_smtp_rcpt = rcpt
acl_smtp_data = data
acl_smtp_vrfy = ${if eq{${lookup{$received_port/vrfy}HAS}{vrfy}{}}
acl_smtp_expn = ${if eq{${lookup{$received_port/expn}HAS}{vrfy}{}}

begin acl

vrfy:
  accept

rcpt:
  accept condition = ${if eq{${lookup{$received_port/relay}HAS}}
         !domains = +local_domains
  accept condition = ${if eq{${lookup{$received_port/percent}HAS}}
         local_parts = ^.*%
  deny   message = restricted characters in address
         local_parts = ^.*[@%!/|]
  # Logins write as themselves.
  deny   message = not your address
         authenticated = *
         condition = ${if !eqi{$sender_address}{$authenticated_id}}
         condition = ${if eq{${lookup{$received_port/anysender}HAS}{no}{yes}}
         condition = ${if eq{${lookup{$received_port/domainsender}HAS}{${if eqi{$sender_address_domain}{probe.example}{no}{yes}}}{yes}}
  accept authenticated = *
  accept condition = ${if eq{${lookup{$received_port/inside}HAS}}
         domains = +local_domains
         local_parts = lsearch;DIR/boxes
  deny   message = log in first
         !condition = ${if eq{${lookup{$received_port}lsearch{DIR/kinds}}}{mx}}
  deny   message = our own name from outside
         sender_domains = +local_domains
         condition = ${if eq{${lookup{$received_port/ownsender}HAS}{no}{yes}}
  accept condition = ${if eq{${lookup{$received_port/catchall}HAS}}
         domains = +local_domains
  accept domains = +local_domains
         local_parts = lsearch;DIR/boxes
  deny   message = no such mailbox
         domains = +local_domains
  deny   message = relay not permitted

data:
  deny   message = not your address in the From line
         authenticated = *
         condition = ${if !eqi{${address:$h_From:}}{$authenticated_id}}
         condition = ${if eq{${lookup{$received_port/anyfrom}HAS}{no}{yes}}
  deny   message = our own name from outside
         !authenticated = *
         condition = ${if eqi{${domain:$h_From:}}{probe.example}}
         condition = ${if eq{${lookup{$received_port/ownfrom}HAS}{no}{yes}}
  accept

begin routers

# Whatever is let through goes nowhere.
outside:
  driver = accept
  domains = ! +local_domains
  transport = nowhere
  no_verify

known:
  driver = accept
  domains = +local_domains
  local_parts = lsearch;DIR/boxes
  transport = box

begin transports

box:
  driver = appendfile
  directory = DIR/mail/${lookup{$local_part}lsearch{DIR/boxes}}
  maildir_format
  user = Debian-exim

nowhere:
  driver = appendfile
  directory = DIR/mail/outside
  maildir_format
  user = Debian-exim

begin retry
* * F,1h,10m

begin authenticators

plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${if and{{eq{$auth2}{anna@probe.example}}{eq{$auth3}{correct horse}}}}
  server_set_id = $auth2

login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if and{{eq{$auth1}{anna@probe.example}}{eq{$auth2}{correct horse}}}}
  server_set_id = $auth1
`

// exim is where setup.sh unpacks it, or an installed one.
func exim(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("UNSPOOF_EXIM_DIR")
	if dir == "" {
		dir = "/opt/unspoof-e2e/exim"
	}
	for _, path := range []string{filepath.Join(dir, "usr/sbin/exim4"), "/usr/sbin/exim4"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Skip("no exim: e2e/probe/setup.sh unpacks it")
	return ""
}

func startExim(t *testing.T) (dir string, ports []probe.Ports, certs certificates) {
	t.Helper()
	needRoot(t)
	program := exim(t)
	dir = folder(t)
	certs = newCertificates(t, dir)
	var switches, kinds, files, boxes strings.Builder
	var all, smtps []string
	var listen []uint16
	free := freePorts(t, 3*len(eximCases))
	for n, c := range eximCases {
		p := free[3*n : 3*n+3]
		ports = append(ports, probe.Ports{MX: p[0], Submission: p[1], SMTPS: p[2]})
		listen = append(listen, p...)
		for i, kind := range []string{"mx", "submission", "smtps"} {
			all = append(all, fmt.Sprint(p[i]))
			fmt.Fprintf(&kinds, "%d: %s\n", p[i], kind)
			file := "right"
			for _, f := range c.faults {
				name, at, _ := strings.Cut(f, "/")
				if at != kind {
					continue
				}
				if certs.certs[name] != "" {
					file = name
				}
				fmt.Fprintf(&switches, "%d/%s: yes\n", p[i], name)
			}
			fmt.Fprintf(&files, "%d: %s\n", p[i], file)
		}
		smtps = append(smtps, fmt.Sprint(p[2]))
	}
	for _, m := range mailboxes {
		fmt.Fprintf(&boxes, "%s: %s\n", m, m)
	}
	write(t, dir, "switches", switches.String())
	write(t, dir, "kinds", kinds.String())
	write(t, dir, "certs", files.String())
	write(t, dir, "boxes", boxes.String())
	for _, d := range []string{"spool", "log", "mail"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
		run(t, "chown", "Debian-exim", filepath.Join(dir, d))
	}
	// Short for: does this port have the fault? Longest word first.
	text := strings.NewReplacer("SMTPSPORTS", strings.Join(smtps, " : "), "ALLPORTS", strings.Join(all, " : "), "DIR", dir, "ADDRESS", address).Replace(eximConf)
	text = strings.Replace(text, "HAS = lsearch{"+dir+"/switches}{yes}{no}}}{yes\n", "", 1)
	text = strings.ReplaceAll(text, "HAS", "lsearch{"+dir+"/switches}{yes}{no}}}{yes")
	conf := write(t, dir, "exim.conf", text)
	log := &output{}
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		for _, name := range []string{"mainlog", "rejectlog", "paniclog"} {
			data, _ := os.ReadFile(filepath.Join(dir, "log", name))
			t.Logf("%s:\n%s", name, data[max(0, len(data)-3000):])
		}
	})
	start(t, log, listen, program, "-C", conf, "-bdf", "-q5s")
	return dir, ports, certs
}

func TestExim(t *testing.T) {
	t.Parallel()
	dir, ports, certs := startExim(t)
	var messages atomic.Int64
	each(t, len(eximCases), func(i int) string { return eximCases[i].name }, func(t *testing.T, i int) {
		rep := ask(t, args(t, ports[i], certs))
		judge(t, rep, ports[i], eximCases[i].want)
		t.Logf("%d connections, %d commands, %d messages", rep.Connections, rep.Commands, rep.Messages)
		messages.Add(int64(rep.Messages))
	})
	onlyAnnaGot(t, int(messages.Load()), dir+"/mail", dir+"/spool/input/*-H")
}
