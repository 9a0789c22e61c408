package bounce

const awayPhrases = `
	out of office
	out of the office
	out-of-office
	automatic reply
	automatic response
	automated reply
	automated response
	auto reply
	auto-reply
	autoreply
	auto response
	auto-response
	autoresponse
	autoresponder
	auto responder
	vacation
	on holiday
	on annual leave
	on leave
	maternity leave
	parental leave
	away from my mail
	away from the office
	away from my desk
	i am away
	i'm away
	i am currently away
	i am currently out
	not in the office
	no longer with the company
	no longer works
	limited access to email
	limited access to my email
	thank you for your email
	thank you for contacting
	we have received your
	has been received and
	abwesenheit
	abwesend
	automatische antwort
	automatische rückantwort
	autoantwort
	automatisch generierte antwort
	eingangsbestätigung
	nicht im büro
	nicht im haus
	außer haus
	ausser haus
	im urlaub
	in urlaub
	elternzeit
	mutterschutz
	réponse automatique
	reponse automatique
	absence du bureau
	absent du bureau
	absente du bureau
	en mon absence
	je suis absent
	je suis actuellement absent
	en congé
	en vacances
	accusé de réception automatique
	respuesta automática
	respuesta automatica
	fuera de la oficina
	fuera de oficina
	de vacaciones
	estoy ausente
	mensaje automático
	risposta automatica
	fuori sede
	fuori ufficio
	in ferie
	sono assente
	assenza dall'ufficio
	resposta automática
	resposta automatica
	fora do escritório
	fora do escritorio
	ausência temporária
	de férias
	estou ausente
	automatisch antwoord
	automatische antwoord
	automatische beantwoording
	automatische reactie
	niet op kantoor
	afwezig
	op vakantie
	met vakantie
	odpowiedź automatyczna
	automatyczna odpowiedź
	autoodpowiedź
	poza biurem
	jestem nieobecn
	nieobecność
	na urlopie
	автоответ
	автоматический ответ
	автоматическая ответ
	вне офиса
	не в офисе
	в отпуске
	буду отсутствовать
	отсутствую
	автоматична відповідь
	у відпустці
	不在
	自動返信
	自動応答
	自動送信
	休暇
	自动回复
	自动答复
	自動回覆
	自動回復
	不在办公室
	不在辦公室
	休假
	外出
	부재중
	자동 회신
	자동 응답
	자동응답
	휴가
	frånvaro
	frånvarande
	autosvar
	automatiskt svar
	automatisk svar
	på semester
	på ferie
	ikke til stede
	ikke på kontoret
	inte på kontoret
	ej på kontoret
	fraværende
	fravær
	poissa toimistosta
	poissaolo
	automaattinen vastaus
	lomalla
	automatická odpověď
	mimo kancelář
	jsem mimo
	na dovolené
	nepřítomn
	automatikus válasz
	házon kívül
	szabadságon
	răspuns automat
	în concediu
	otomatik yanıt
	otomatik cevap
	ofis dışında
	izindeyim
	αυτόματη απάντηση
	εκτός γραφείου
	σε άδεια
	رد تلقائي
	خارج المكتب
	מענה אוטומטי
	תשובה אוטומטית
`

const heldPhrases = `
	is being held
	being held
	has been held
	is held
	held because
	held until
	awaiting your
	is awaiting
	waiting for your
	is waiting
	quarantined until
	will be delivered once
	will be delivered after
	before it can be delivered
	before your message
	to have it delivered
	in order for your message
	in order to deliver
	first mail from your address
	first time you have
	not on my
	not in my
	not recognize
	not recognise
	unknown sender
	zurückgehalten
	wird erst zugestellt
	wartet auf
	votre message est retenu
	est retenu
	mis en attente
	en attente de
	retenido
	está en espera
	en espera de
	trattenuto
	in attesa di
	retida
	retido
	aguardando
	wordt vastgehouden
	vastgehouden
	została zatrzymana
	zatrzymana do
	было задержано
	ожидает подтверждения
	保留されて
	保留中
	等待确认
	等待您
	被保留
`

const confirmPhrases = `
	confirm
	verify
	verification
	reply to this message
	reply to this email
	reply to this mail
	replying to this
	click the link
	click on the link
	challenge
	authenticate yourself
	prove that you
	human being
	real person
	bestätigen
	bestätigung
	auf diese nachricht antworten
	confirmer
	confirmez
	vérifier
	répondre à ce message
	confirmar
	confirme
	verificar
	responda a este
	conferma
	rispondi a questo
	bevestig
	beantwoord dit bericht
	potwierd
	подтверд
	ответьте на это
	確認
	認証
	确认
	確認
	验证
`

const lurePhrases = `
	release message
	release your message
	release all
	release now
	release to inbox
	release pending
	release incoming
	release the
	release mail
	release email
	messages now
	pending message
	pending mail
	pending email
	pending incoming
	pending delivery
	incoming message
	incoming mail
	incoming email
	unreceived message
	unreceived mail
	undelivered emails
	undelivered messages
	messages were not delivered to your
	delivered to your mailbox
	delivered to your inbox
	to your mailbox
	your mailbox
	your mail box
	mailbox quota
	mailbox storage
	mailbox size
	storage limit
	storage is full
	quota limit
	quota sync
	sync failure
	sync error
	synchronization error
	synchronisation error
	upgrade your
	upgrade now
	increase quota
	increase your
	re-validate
	revalidate
	validate your
	validate now
	verify your account
	verify your email
	verify your mailbox
	verify your identity
	verify ownership
	confirm your account
	confirm your password
	your account will be
	will be deactivated
	will be suspended
	will be closed
	will be deleted
	be permanently deleted
	avoid losing
	avoid loss
	password expir
	your password
	keep same password
	keep current password
	review message
	review pending
	review your
	retrieve message
	retrieve your
	retrieve pending
	retrieve mail
	recover message
	recover your
	recover mail
	read message
	view message
	view pending
	view undelivered
	allow message
	allow delivery
	deliver message
	receive message
	receive your pending
	move to inbox
	fix now
	fix issue
	fix error
	resolve now
	resolve issue
	resolve error
	resend now
	click here
	click below
	click the button
	log in to
	login to
	login here
	sign in to
	update now
	update your
	portal
	cpanel
	within 24
	within 48
	klicken sie hier
	hier klicken
	jetzt freigeben
	nachrichten freigeben
	ihr postfach
	ihres postfach
	ihr konto
	konto bestätigen
	eingehende nachrichten
	passwort
	jetzt bestätigen
	cliquez ici
	votre boîte
	votre messagerie
	votre compte
	libérer les messages
	messages en attente
	mot de passe
	haga clic
	haz clic
	su buzón
	su cuenta
	liberar mensajes
	mensajes pendientes
	mensajes entrantes
	contraseña
	clicca qui
	fai clic
	la tua casella
	il tuo account
	messaggi in sospeso
	messaggi in arrivo
	clique aqui
	sua caixa
	sua conta
	liberar mensagens
	mensagens pendentes
	klik hier
	uw mailbox
	je mailbox
	uw account
	wachtwoord
	inkomende berichten
	kliknij
	twoja skrzynka
	twoje konto
	hasło
	нажмите
	ваш почтовый ящик
	вашего почтового ящика
	вашу учетную
	пароль
	こちらをクリック
	ここをクリック
	パスワード
	アカウント
	点击
	點擊
	您的邮箱
	密码
	密碼
	帐户
`

const forwardPhrases = `
	begin forwarded message
	forwarded message
	forwarded by
	weitergeleitete nachricht
	message transféré
	mensaje reenviado
	messaggio inoltrato
	mensagem encaminhada
	doorgestuurd bericht
	wiadomość przekazana
	пересылаемое сообщение
	пересланное сообщение
	転送されたメッセージ
	转发的邮件
	轉寄的郵件
	vidarebefordrat meddelande
	videresendt
`

const adminPhrases = `
	errors from
	postfix smtp server:
	postfix smtp client:
	has been frozen
	message frozen
	frozen messages
	mail queue on
	postmaster notify
	postmaster warning
	bounced double
	double bounce
	in: ehlo
	in: helo
	out: 220
	local mail logfile
`
