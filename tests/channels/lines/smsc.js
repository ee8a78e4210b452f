// A message centre over npm `smpp`: says on standard output what it was given, and does what standard input says.
const smpp = require('smpp');
const readline = require('readline');

const sessions = new Set();
let mood = {status: 0, hold: false, delay: 0};
const held = [];
const states = {};
let given = 0;

const say = (event) => process.stdout.write(JSON.stringify(event) + '\n');

const server = smpp.createServer((session) => {
  sessions.add(session);
  session.on('error', () => sessions.delete(session));
  session.on('close', () => { sessions.delete(session); say({event: 'closed'}); });
  session.on('bind_transceiver', (pdu) => {
    const ok = pdu.system_id === 'gateway' && pdu.password === 'secret';
    session.send(pdu.response({command_status: ok ? 0 : smpp.ESME_RINVPASWD, system_id: 'SMSC'}));
    say({event: 'bound', ok});
  });
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { session.send(pdu.response()); say({event: 'unbound'}); session.close(); });
  session.on('query_sm', (pdu) => {
    const state = states[pdu.message_id];
    session.send(pdu.response(state ? {message_id: pdu.message_id, message_state: state} : {command_status: 0x67}));
  });
  session.on('submit_sm', (pdu) => {
    const id = 'm' + (++given);
    say({
      event: 'message', id, to: pdu.destination_addr, from: pdu.source_addr, coding: pdu.data_coding,
      receipt: pdu.registered_delivery, validity: pdu.validity_period, udh: pdu.short_message.udh ? pdu.short_message.udh[0].toString('hex') : null,
      text: pdu.short_message.message,
    });
    const answer = () => session.send(pdu.response(mood.status ? {command_status: mood.status} : {message_id: id}));
    if (mood.hold) held.push(answer); else answer();
  });
  session.on('deliver_sm_resp', (pdu) => say({event: 'acknowledged', status: pdu.command_status}));
});

readline.createInterface({input: process.stdin}).on('line', (line) => {
  const told = JSON.parse(line);
  say({event: 'told'});
  if (told.mood) mood = {...mood, ...told.mood};
  if (told.state) states[told.id] = told.state;
  if (told.answer) held.splice(0).forEach((answer) => answer());
  if (told.kill) sessions.forEach((session) => session.destroy());
  if (told.deliver) sessions.forEach((session) => session.deliver_sm(told.deliver));
  if (told.enquire) sessions.forEach((session) => session.enquire_link({}, () => say({event: 'alive'})));
  if (told.bye) sessions.forEach((session) => session.unbind(() => say({event: 'bye'})));
}).on('close', () => process.exit(0));

server.listen(0, '127.0.0.1', () => say({event: 'listening', port: server.address().port}));
