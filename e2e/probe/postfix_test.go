//go:build e2e && linux

package probe_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"unspoof/internal/probe"
)

// options are settings of Postfix, for one service.
type options map[string]string

// postfixCase is one way to set Postfix up: what differs from the right way at
// each port, and what is wrong with it.
type postfixCase struct {
	name                  string
	mx, submission, smtps options
	want                  []fault
}

// postfixRight is Postfix as it should be.
func postfixRight(dir string, certs certificates) (mx, submission options) {
	base := options{
		"smtpd_tls_chain_files": certs.files["right"],
		"smtpd_tls_protocols":   ">=TLSv1.2",
		"smtpd_tls_auth_only":   "yes",
		// Where TLS is a must, these count.
		"smtpd_tls_mandatory_protocols": ">=TLSv1.2",
		"disable_vrfy_command":          "yes",
		"smtpd_forbid_bare_newline":     "normalize",
	}
	mx, submission = options{}, options{}
	for k, v := range base {
		mx[k], submission[k] = v, v
	}
	mx["smtpd_tls_security_level"] = "may"
	mx["smtpd_relay_restrictions"] = "permit_mynetworks,reject_unauth_destination"
	mx["smtpd_sender_restrictions"] = "permit_mynetworks,check_sender_access,texthash:" + dir + "/own"
	mx["cleanup_service_name"] = "cleanup-mx"
	submission["smtpd_tls_security_level"] = "encrypt"
	submission["smtpd_sasl_auth_enable"] = "yes"
	submission["smtpd_relay_restrictions"] = "permit_sasl_authenticated,reject"
	submission["smtpd_sender_login_maps"] = "texthash:" + dir + "/logins"
	submission["smtpd_sender_restrictions"] = "reject_authenticated_sender_login_mismatch"
	submission["cleanup_service_name"] = "cleanup-login"
	return mx, submission
}

// both sets the same at both submission ports.
func postfixCases(dir string, certs certificates) []postfixCase {
	login := func(id probe.TestID) []fault { return []fault{{id, "smtps"}} }
	both := func(o options) (mx, submission, smtps options) { return nil, o, o }
	with := func(name string, o options, want ...fault) postfixCase {
		_, a, b := both(o)
		return postfixCase{name, nil, a, b, want}
	}
	return []postfixCase{
		{name: "right"},
		// Postfix lets its networks smuggle, too (smtpd_forbid_bare_newline_exclusions).
		{"open relay", options{"mynetworks": "0.0.0.0/0"}, nil, nil, []fault{{probe.OpenRelay, "mx"}, {probe.Smuggling, "mx"}}},
		{"relays for its own name", options{"smtpd_relay_restrictions": "check_sender_access,texthash:" + dir + "/own-ok,reject_unauth_destination", "smtpd_sender_restrictions": ""},
			nil, nil, []fault{{probe.OpenRelay, "mx"}}},
		with("submission without login", options{"mynetworks": "0.0.0.0/0", "smtpd_relay_restrictions": "permit_mynetworks,permit_sasl_authenticated,reject"}, fault{probe.WithoutLogin, "submission"}, fault{probe.WithoutLogin, "smtps"}),
		{"submission like port 25", nil, options{"smtpd_relay_restrictions": "permit_sasl_authenticated,reject_unauth_destination"}, nil, []fault{{probe.WithoutLogin, "submission"}}},
		with("login may use any address", options{"smtpd_sender_restrictions": ""}, append(login(probe.LoginAnyAddress), login(probe.LoginAnyDomain)...)...),
		with("login may use any From line", options{"cleanup_service_name": "cleanup"}, login(probe.LoginAnyFrom)...),
		{"VRFY", options{"disable_vrfy_command": "no"}, nil, nil, []fault{{probe.VRFY, "mx"}}},
		{"login before TLS", options{"smtpd_sasl_auth_enable": "yes", "smtpd_tls_auth_only": "no"}, options{"smtpd_tls_auth_only": "no", "smtpd_tls_security_level": "may"}, nil,
			[]fault{{probe.AuthBeforeTLS, "mx"}, {probe.AuthBeforeTLS, "submission"}}},
		{"no STARTTLS", options{"smtpd_tls_security_level": "none"}, nil, nil, []fault{{probe.STARTTLS, "mx"}}},
		{"expired certificate", options{"smtpd_tls_chain_files": certs.files["expired"]}, nil, nil, []fault{{probe.CertificateDates, "mx"}}},
		{"certificate for another", options{"smtpd_tls_chain_files": certs.files["wrong"]}, nil, nil, []fault{{probe.CertificateName, "mx"}}},
		{"self-signed certificate", options{"smtpd_tls_chain_files": certs.files["self-signed"]}, options{"smtpd_tls_chain_files": certs.files["self-signed"]}, nil,
			[]fault{{probe.CertificateChain, "mx"}, {probe.CertificateChain, "submission"}}},
		{"old TLS", options{"smtpd_tls_protocols": ">=TLSv1", "tls_medium_cipherlist": "ALL:@SECLEVEL=0"}, nil, nil, []fault{{probe.OldTLS, "mx"}}},
		{"smuggling", options{"smtpd_forbid_bare_newline": "no"}, nil, nil, []fault{{probe.Smuggling, "mx"}}},
		{"refuses bare LF", options{"smtpd_forbid_bare_newline": "reject"}, nil, nil, nil},
		{"catch-all", options{"smtpd_reject_unlisted_recipient": "no"}, nil, nil, []fault{{probe.CatchAll, "mx"}}},
		{"old TLS where TLS comes first", nil, nil, options{"smtpd_tls_mandatory_protocols": ">=TLSv1", "smtpd_tls_protocols": ">=TLSv1", "tls_medium_cipherlist": "ALL:@SECLEVEL=0"}, []fault{{probe.OldTLS, "smtps"}}},
		{"own domain from outside", options{"smtpd_sender_restrictions": "", "cleanup_service_name": "cleanup"}, nil, nil, []fault{{probe.OwnEnvelope, "mx"}, {probe.OwnFrom, "mx"}}},
		{"own domain refused with the message", options{"smtpd_sender_restrictions": ""}, nil, nil, nil},
		{"own domain in the From line", options{"cleanup_service_name": "cleanup"}, nil, nil, []fault{{probe.OwnFrom, "mx"}}},
	}
}

// postfix is a running Postfix with three ports for each case.
type postfix struct {
	dir   string
	log   *output
	ports []probe.Ports
}

func startPostfix(t *testing.T, cases func(dir string, certs certificates) []postfixCase) (postfix, certificates, []postfixCase) {
	t.Helper()
	needRoot(t)
	if _, err := exec.LookPath("postfix"); err != nil {
		t.Skip("no postfix: e2e/probe/setup.sh installs it")
	}
	dir := folder(t)
	certs := newCertificates(t, dir)
	list := cases(dir, certs)
	p := postfix{dir: dir, log: &output{}}
	auth := dovecotAuth(t)

	for _, d := range []string{"queue", "data", "mail"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	run(t, "chown", "postfix", filepath.Join(dir, "data"))
	run(t, "chown", "nobody", filepath.Join(dir, "mail"))
	write(t, dir, "own", domain+" REJECT our own name from outside\n")
	write(t, dir, "own-ok", domain+" OK\n")
	write(t, dir, "logins", user+" "+user+"\n")
	var boxes strings.Builder
	for _, m := range mailboxes {
		fmt.Fprintf(&boxes, "%s@%s %s/\n", m, domain, m) // the slash makes a maildir
	}
	write(t, dir, "boxes", boxes.String())
	write(t, dir, "from-mx", `/^From:.*@probe\.example/ REJECT our own name from outside`+"\n")
	write(t, dir, "from-login", "if /^From:/\n!/^From:.*anna@probe\\.example/ REJECT not yours\nendif\n")
	write(t, dir, "conf/main.cf", strings.Join([]string{
		"compatibility_level = 3.6", "maillog_file = /dev/stdout", "queue_directory = " + dir + "/queue", "data_directory = " + dir + "/data",
		"myhostname = " + host, "mydestination =", "inet_interfaces = 127.0.0.1", "proxy_interfaces = " + address, "inet_protocols = ipv4", "mynetworks = 192.0.2.0/24",
		"virtual_mailbox_domains = " + domain, "virtual_mailbox_maps = texthash:" + dir + "/boxes", "virtual_mailbox_base = " + dir + "/mail",
		"virtual_uid_maps = static:65534", "virtual_gid_maps = static:65534", "virtual_minimum_uid = 1",
		// Whatever is let through goes nowhere.
		"default_transport = discard", "relay_transport = discard",
		"smtpd_sasl_type = dovecot", "smtpd_sasl_path = inet:" + auth, "smtpd_client_connection_rate_limit = 0", "alias_maps =", "alias_database =",
		"notify_classes =", "authorized_submit_users = root", "",
	}, "\n"))

	var master strings.Builder
	var all []uint16
	rightMX, rightSubmission := postfixRight(dir, certs)
	free := freePorts(t, 3*len(list))
	for i, c := range list {
		ports := free[3*i : 3*i+3]
		all = append(all, ports...)
		p.ports = append(p.ports, probe.Ports{MX: ports[0], Submission: ports[1], SMTPS: ports[2]})
		service(&master, ports[0], rightMX, c.mx)
		service(&master, ports[1], rightSubmission, c.submission)
		service(&master, ports[2], rightSubmission, c.smtps, options{"smtpd_tls_wrappermode": "yes"})
	}
	master.WriteString("cleanup unix n - n - 0 cleanup\n" +
		"cleanup-mx unix n - n - 0 cleanup -o header_checks=regexp:" + dir + "/from-mx\n" +
		"cleanup-login unix n - n - 0 cleanup -o header_checks=regexp:" + dir + "/from-login\n" +
		"pickup unix n - n 60 1 pickup\nqmgr unix n - n 300 1 qmgr\ntlsmgr unix - - n 1000? 1 tlsmgr\nrewrite unix - - n - - trivial-rewrite\n" +
		"bounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\nverify unix - - n - 1 verify\nflush unix n - n 1000? 0 flush\n" +
		"proxymap unix - - n - - proxymap\nproxywrite unix - - n - 1 proxymap\nsmtp unix - - n - - smtp\nrelay unix - - n - - smtp\nshowq unix n - n - - showq\n" +
		"error unix - - n - - error\nretry unix - - n - - error\ndiscard unix - - n - - discard\nlocal unix - n n - - local\nvirtual unix - n n - - virtual\n" +
		"lmtp unix - - n - - lmtp\nanvil unix - - n - 1 anvil\nscache unix - - n - 1 scache\npostlog unix-dgram n - n - 1 postlogd\n")
	write(t, dir, "conf/master.cf", master.String())
	start(t, p.log, all, "postfix", "-c", dir+"/conf", "start-fg")
	t.Cleanup(func() { exec.Command("postfix", "-c", dir+"/conf", "abort").Run() })
	return p, certs, list
}

// service writes a line of master.cf; later options win.
func service(w *strings.Builder, port uint16, layers ...options) {
	merged := options{}
	for _, l := range layers {
		for k, v := range l {
			merged[k] = v
		}
	}
	fmt.Fprintf(w, "%s inet n - n - - smtpd\n", joinPort(port))
	for k, v := range merged {
		fmt.Fprintf(w, "  -o { %s = %s }\n", k, v)
	}
}

func TestPostfix(t *testing.T) {
	t.Parallel()
	p, certs, cases := startPostfix(t, postfixCases)
	var messages atomic.Int64
	each(t, len(cases), func(i int) string { return cases[i].name }, func(t *testing.T, i int) {
		rep := ask(t, args(t, p.ports[i], certs))
		judge(t, rep, p.ports[i], cases[i].want)
		t.Logf("%d connections, %d commands, %d messages", rep.Connections, rep.Commands, rep.Messages)
		messages.Add(int64(rep.Messages))
	})
	queue := p.dir + "/queue/"
	onlyAnnaGot(t, int(messages.Load()), p.dir+"/mail", queue+"maildrop/*", queue+"incoming/*", queue+"active/*", queue+"deferred/*/*")
	if strings.Contains(p.log.String(), "postfix/discard[") {
		t.Error("a message to the outside was handed over")
	}
}

// TestATrustedMachineIsNoFault asks a Postfix as most are, which trusts its own
// machine.
func TestATrustedMachineIsNoFault(t *testing.T) {
	t.Parallel()
	p, certs, _ := startPostfix(t, func(string, certificates) []postfixCase {
		return []postfixCase{{name: "trusts loopback", mx: options{"mynetworks": "127.0.0.0/8"}}}
	})
	a := args(t, p.ports[0], certs)
	a.Stranger = false
	judge(t, ask(t, a), p.ports[0], nil, probe.OpenRelay, probe.OwnEnvelope, probe.Smuggling)
}

// TestNothingIsSentWithoutARecipient has the most careless Postfix asked by
// somebody who agreed to no message.
func TestNothingIsSentWithoutARecipient(t *testing.T) {
	t.Parallel()
	p, certs, _ := startPostfix(t, func(string, certificates) []postfixCase {
		return []postfixCase{{name: "careless", mx: options{"mynetworks": "0.0.0.0/0", "smtpd_reject_unlisted_recipient": "no"}}}
	})
	a := args(t, p.ports[0], certs)
	a.Recipient = ""
	rep := ask(t, a)
	if rep.Messages != 0 || len(rep.Findings) == 0 {
		t.Errorf("%d messages, %d findings", rep.Messages, len(rep.Findings))
	}
	if s := p.log.String(); strings.Contains(s, "status=") || strings.Contains(s, "message-id=") {
		t.Errorf("a message was begun:\n%s", s)
	}
}
