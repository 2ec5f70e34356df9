<?php

/**
 * Asks the phaseout gate whether a person's device may be used for work mail: when somebody has signed in, and again while the
 * session is open. A refusal ends the session; the login page then says why, in the words that the gate gives for that person.
 *
 * Nothing is asked before the password was right: the answer would tell anyone whom the order reaches. The gate is told the
 * login, the browser's user agent, its languages and its address; never a password or a cookie.
 *
 * For Roundcube 1.6; needs PHP's curl extension. See config.inc.php.dist.
 */
class phaseout extends rcube_plugin
{
    const WARNED = 'phaseout_warned';
    const LETTER = 'phaseout_letter';

    /** Seconds after which a last known decision is forgotten. */
    const LAST_KNOWN = 43200;

    /** Of what browsers send, as much as the gate looks at. */
    const LONGEST = 1024;

    private $rcmail;

    public function init()
    {
        $this->rcmail = rcmail::get_instance();
        $this->load_config();
        $this->add_texts('localization/');
        $this->add_hook('startup', [$this, 'startup']);
        $this->add_hook('unauthenticated', [$this, 'unauthenticated']);
        $this->add_hook('template_object_loginform', [$this, 'login_form']);
    }

    /**
     * Before anything else of a request is done. Returns the hook's arguments as they came, or does not return.
     */
    public function startup($args)
    {
        // Whether the browser is the one that signed in is looked at first; if it is not, Roundcube itself turns it away next.
        if (empty($_SESSION['user_id']) || $args['task'] == 'logout' || !$this->rcmail->session->check_auth()) {
            return $args;
        }
        $seconds = (int) $this->rcmail->config->get('phaseout_seconds', 60);
        // Not kept in the session: two requests at once, of which one changes the session, can lose what the other put there.
        $known = $this->rcmail->get_cache('phaseout', 'db', max(60, $seconds), false);
        $client = hash('sha256', session_id() . ' ' . rcube_utils::remote_addr() . ' ' . $this->header('User-Agent'));
        $age = time() - (int) $known->read($client);
        if ($age >= 0 && $age < $seconds) {
            return $args;
        }
        $answer = $this->ask();
        if (!$this->passes($answer)) {
            $this->say_unavailable();
        }
        if (!empty($answer['refused'])) {
            $this->refuse($answer);
        }
        $known->write($client, time());
        if (!empty($answer['letter'])) {
            $this->warn($answer);
        }
        return $args;
    }

    /**
     * Whether there is an answer, or what the operator chose lets pass without one. What was answered last about this person's
     * browser and address is kept for half a day; where it was a refusal, nothing is.
     */
    private function passes($answer)
    {
        $choice = $this->rcmail->config->get('phaseout_without_gate');
        if ($choice !== 'last-known') {
            return $answer !== null || $choice === 'open';
        }
        $last = $this->rcmail->get_cache('phaseout_last', 'db', self::LAST_KNOWN, false);
        $browser = hash('sha256', rcube_utils::remote_addr() . ' ' . $this->header('User-Agent'));
        if ($answer === null) {
            return (bool) $last->read($browser);
        }
        if ($answer['refused']) {
            $last->remove($browser);
        } else {
            $last->write($browser, time());
        }
        return true;
    }

    /** The login page that says why is no success. */
    public function unauthenticated($args)
    {
        if (!empty($_SESSION[self::LETTER])) {
            http_response_code(403);
        }
        return $args;
    }

    /** The letter stands above the form until somebody signs in again, so that it can be read twice. */
    public function login_form($args)
    {
        if (!empty($_SESSION[self::LETTER])) {
            $this->include_stylesheet('phaseout.css');
            $args['content'] = $this->laid_out($_SESSION[self::LETTER]) . $args['content'];
        }
        return $args;
    }

    /**
     * Asks the gate. Returns its answer, or null when it has no opinion: gone, slow, without a bundle, or with another key.
     */
    private function ask()
    {
        if (!function_exists('curl_init')) {
            return $this->no_opinion("PHP's curl extension is not installed");
        }
        $config = $this->rcmail->config;
        $question = [
            'login' => $this->rcmail->get_user_name(),
            'agent' => $this->header('User-Agent'),
            'address' => rcube_utils::remote_addr(),
        ];
        $curl = curl_init(rtrim($config->get('phaseout_gate', 'http://127.0.0.1:14001'), '/') . '/roundcube');
        curl_setopt_array($curl, (array) $config->get('phaseout_curl') + [
            CURLOPT_POSTFIELDS => json_encode($question, JSON_INVALID_UTF8_SUBSTITUTE),
            CURLOPT_HTTPHEADER => [
                'Content-Type: application/json',
                'Accept-Language: ' . $this->header('Accept-Language'),
                'X-API-Key: ' . $config->get('phaseout_key'),
                'Expect:',
            ],
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT_MS => $config->get('phaseout_milliseconds', 300),
            CURLOPT_NOSIGNAL => true,
            CURLOPT_PROXY => '',  // not the environment's: a web server makes some of that from headers
        ]);
        $body = curl_exec($curl);
        $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        $answer = $body === false || $status !== 200 ? null : json_decode($body, true);
        if (is_array($answer) && isset($answer['refused']) && is_bool($answer['refused'])) {
            return $answer + ['clause' => '', 'line' => '', 'letter' => []];
        }
        return $this->no_opinion(curl_error($curl) ?: "status $status");
    }

    private function no_opinion($why)
    {
        rcube::write_log('errors', "phaseout: the gate has no opinion: $why");
        return null;
    }

    /** Ends the session and says why. Does not return. */
    private function refuse($answer)
    {
        $output = $this->rcmail->output;
        $this->rcmail->kill_session();
        $_SESSION[self::LETTER] = $answer['letter'];
        if ($output->ajax_call || $output->get_env('framed')) {
            // A page that is open says it at once and goes to the login page, but for one with an unsent message: that stays.
            $output->show_message(rcube::Q($answer['line']), 'error', null, true, -1);
            $output->command('session_error', $this->rcmail->url(['_task' => 'login']));
            $output->send('iframe');
        }
        $output->redirect(['_task' => 'login']);
    }

    /** Says once a session, for each clause, what speaks against the device. */
    private function warn($answer)
    {
        if (!isset($_SESSION[self::WARNED]) || $_SESSION[self::WARNED] !== $answer['clause']) {
            $_SESSION[self::WARNED] = $answer['clause'];
            $this->rcmail->output->show_message(rcube::Q($answer['line']), 'warning', null, true, 20);
        }
    }

    /** Does nothing for this request, and leaves the session as it is: the next request asks again. Does not return. */
    private function say_unavailable()
    {
        $output = $this->rcmail->output;
        if ($output->ajax_call) {
            $output->show_message(rcube::Q($this->gettext('unavailable')), 'error');
            $output->send();
        }
        $this->add_hook('error_page', [$this, 'unavailable_page']);
        http_response_code(503);
        header('Retry-After: 30');
        rcmail::raise_error(['code' => 503, 'message' => 'phaseout: no gate'], false, true);
    }

    public function unavailable_page($args)
    {
        return ['title' => rcube::Q($this->gettext('unavailable')), 'text' => rcube::Q($this->gettext('later'))] + $args;
    }

    /** Lays a letter out; every word of it is text. */
    private function laid_out($letter)
    {
        $said = static function ($part) use ($letter) {
            return rcube::Q(isset($letter[$part]) && is_string($letter[$part]) ? $letter[$part] : '');
        };
        $parts = [html::tag('h2', null, $said('title'))];
        foreach (['reason' => 'p', 'words' => 'blockquote', 'source' => 'p', 'personal' => 'p', 'heading' => 'h3'] as $part => $tag) {
            $parts[] = $said($part) === '' ? '' : html::tag($tag, null, $said($part));
        }
        $items = '';
        foreach (isset($letter['to_do']) ? (array) $letter['to_do'] : [] as $item) {
            $items .= html::tag('li', null, rcube::Q($item));
        }
        $parts[] = $items === '' ? '' : html::tag('ul', null, $items);
        $parts[] = $said('questions') === '' ? '' : html::p(null, $said('questions'));
        if ($said('decision') !== '') {
            $parts[] = html::p(null, $said('number') . ' ' . html::tag('strong', null, $said('decision')));
        }
        $language = isset($letter['language']) && is_string($letter['language']) ? $letter['language'] : '';
        return html::tag('div', ['class' => 'phaseout', 'role' => 'alert', 'lang' => $language], implode("\n", $parts));
    }

    /** A header of the browser's, without line ends and other characters that another header could begin with. */
    private function header($name)
    {
        return substr(preg_replace('/[\x00-\x1f\x7f]/', '', (string) rcube_utils::request_header($name)), 0, self::LONGEST);
    }
}
