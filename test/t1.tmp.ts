import { startSandbox } from '/work/main/test/sandbox/sandbox.ts';
import { probe, transfer, connectTo } from '/work/main/test/sandbox/transfer.ts';
const t0=Date.now(); const T=(l:string)=>console.log(l,Date.now()-t0);
const s = await startSandbox({nat: process.argv[2]!=='no'}); T('up');
console.log((await s.server.run(['sh','-c','ps ax; cat /var/log/*.log | tail -20; cat /var/cpanel/conf/pureftpd/main; diff -u /work/main/test/sandbox/standins/etc/pure-ftpd.conf /etc/pure-ftpd.conf; nft list ruleset | head -60; ss -ltn; ls -la /run /usr/local/cpanel/logs'])));
console.log(await probe(s.client).catch(e=>e)); T('probe');
console.log(await transfer(s.client,'curl','PASV')); T('curl');
console.log(await transfer(s.client,'curl','EPSV')); T('curl');
console.log(await transfer(s.client,'lftp','PASV')); T('lftp');
console.log(await connectTo(s.client,[21,22,2087,50000])); T('conn');
await s.reboot(); T('reboot');
console.log(await probe(s.client).catch(e=>e)); T('probe');
await s.server.run(['nft','flush','ruleset']); 
console.log((await s.server.run(['sh','-c','sed -i "s/^ForcePassiveIP.*/ForcePassiveIP: 203.0.113.10/" /var/cpanel/conf/pureftpd/local; rm -f /var/cpanel/conf/pureftpd/*.cache; /usr/local/cpanel/scripts/setupftpserver pure-ftpd --force; echo $?']))); T('setup');
for (const j of ['curl','lftp'] as const) for (const m of ['PASV','EPSV'] as const) {console.log(await transfer(s.client,j,m)); T(j+m);}
console.log(await transfer(s.client,'curl','EPSV','2001:db8:1::10')); T('v6');
console.log(await transfer(s.client,'lftp','EPSV','2001:db8:1::10')); T('v6');
await s.stop(); T('stop');
