// jfrog-client-js: system, search, download, a refusal.
const { createHash } = require('crypto');
const fs = require('fs');
const { JfrogClient } = require('jfrog-client-js');

const silent = { debug() {}, error() {}, warn() {}, info() {} };
const client = (options) =>
    new JfrogClient({ platformUrl: process.env.URL, logger: silent, retries: 0, ...options }).artifactory();

async function status(promise) {
    try {
        await promise;
        return 'let through';
    } catch (error) {
        return error.response ? error.response.status : String(error);
    }
}

async function main() {
    const seen = {};
    const admin = client({ username: 'admin', password: 'password' });
    const bearer = client({ accessToken: process.env.TOKEN });
    seen.ping = await admin.system().ping();
    seen.version = (await bearer.system().version()).version;
    seen.addons = (await admin.system().version()).addons.length > 0;
    seen.usage = await admin.system().reportUsage('tests/1', [{ featureId: 'tour' }]);
    const query = 'items.find({"repo":"lib-local","name":{"$match":"*.bin"}}).include("name","path","repo","sha256")';
    seen.rows = (await bearer.search().aqlSearch(query)).results;
    for (const path of ['/lib-local/near/data.bin', '/lib-virtual/far/data.bin', '/lib-remote/far/data.bin']) {
        await admin.download().downloadArtifactToFile(path, 'back.bin');
        seen[path] = createHash('sha256').update(fs.readFileSync('back.bin')).digest('hex');
    }
    seen.checksum = await admin.download().getArtifactChecksum('/lib-local/near/data.bin');
    const stranger = client({ username: 'stranger', password: 'Password1!' });
    seen.refused = await status(stranger.download().downloadArtifact('/lib-local/near/data.bin'));
    seen.wrong = await status(client({ username: 'admin', password: 'no' }).system().version());
    const platform = new JfrogClient({ platformUrl: process.env.URL, logger: silent, retries: 0 }).platform();
    const session = '6a8b8a1e-0c8e-4f0b-9c2f-0123456789ab';
    await platform.webLogin().registerSessionId(session);
    seen.login = await status(platform.webLogin().getToken(session));
    console.log(JSON.stringify(seen));
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
